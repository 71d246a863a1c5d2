@echo off
rem Adds a project: drag its folder onto this file, or start it and drag the folder into the window.
rem usage: add-project.cmd [/quiet] [FOLDER...]
setlocal EnableExtensions DisableDelayedExpansion
title VibeSync
set "PROGRAM=%LOCALAPPDATA%\Programs\VibeSync\vibesync.exe"
set CODE=0
set QUIET=
if /i "%~1"=="/quiet" set QUIET=yes
if /i "%~1"=="/quiet" shift
echo.
if not exist "%PROGRAM%" goto not_installed
if not "%~1"=="" goto next
echo Drag the folder that holds your .blend file and your Unity project into this window, and press Enter.
set FOLDER=
set /p FOLDER=
if not defined FOLDER goto end
rem Explorer puts quotes around a path with spaces.
set "FOLDER=%FOLDER:"=%"
call :add
goto end

:next
set "FOLDER=%~1"
call :add
shift
if not "%~1"=="" goto next
goto end

rem A backslash before the last quote would be read as a quote of the name, as in "D:\".
:add
if "%FOLDER:~-1%"=="\" set "FOLDER=%FOLDER%."
if not exist "%FOLDER%\" goto no_folder
"%PROGRAM%" projects add "%FOLDER%"
if errorlevel 1 goto refused
echo Added: "%FOLDER%". Open the .blend file and the Unity scene; both connect by themselves.
exit /b 0

:no_folder
echo "%FOLDER%" is not a folder. Start this file without a folder, and drag the folder into the window.
set CODE=1
exit /b 1

:refused
set CODE=1
exit /b 1

:not_installed
echo VibeSync is not installed yet. Start install.cmd first.
set CODE=1

:end
echo.
if not defined QUIET pause
exit /b %CODE%
