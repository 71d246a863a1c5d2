"""Inserts as many records as each line of the input says, one transaction each, and prints the seconds that it took."""

import sqlite3
import sys
import time

path, payload = sys.argv[1:]
database = sqlite3.connect(path, isolation_level=None)
assert database.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
database.execute("PRAGMA synchronous = FULL")
database.execute("CREATE TABLE log (seq INTEGER PRIMARY KEY, payload TEXT NOT NULL)")
for line in sys.stdin:
    begin = time.perf_counter()
    for _ in range(int(line)):
        database.execute("INSERT INTO log (payload) VALUES (?)", (payload,))
    print(time.perf_counter() - begin, flush=True)
