"""Runs a .NET assembly in this process: `dotnet.py ASSEMBLY ARGUMENTS...`, with DOTNET_ROOT naming the runtime.

The runtime's archive has no `dotnet` command; its host library is called directly.
"""
import ctypes
import glob
import os
import sys

root = os.environ["DOTNET_ROOT"]
host = ctypes.CDLL(sorted(glob.glob(os.path.join(root, "host", "fxr", "*", "libhostfxr.so")))[-1])
arguments = [os.path.join(root, "dotnet")] + sys.argv[1:]
argv = (ctypes.c_char_p * len(arguments))(*[os.fsencode(argument) for argument in arguments])
sys.exit(host.hostfxr_main_startupinfo(len(arguments), argv, argv[0], os.fsencode(root), b""))
