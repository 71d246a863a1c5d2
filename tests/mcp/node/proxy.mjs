// Passes requests on to `vibesync mcp --http` and adds the secret, which the conformance suite has no option for. Host and
// Origin pass as they are, but for the port: the suite names that of this proxy.
//
// usage: VIBESYNC_TOKEN=TOKEN node proxy.mjs PORT     (prints its own port; ends with its standard input)
import http from "node:http";

const target = Number(process.argv[2]);
const authorization = `Bearer ${process.env.VIBESYNC_TOKEN}`;

const proxy = http.createServer((request, response) => {
  const { port } = proxy.address();
  const headers = { ...request.headers, authorization };
  for (const name of ["host", "origin"]) {
    headers[name] &&= headers[name].replace(`:${port}`, `:${target}`);
  }
  const { method, url: path } = request;
  const passed = http.request({ host: "127.0.0.1", port: target, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
  });
  passed.on("error", () => response.destroy());
  response.on("close", () => passed.destroy());
  request.pipe(passed);
});

proxy.listen(0, "127.0.0.1", () => console.log(proxy.address().port));
process.stdin.on("end", () => process.exit()).resume();
