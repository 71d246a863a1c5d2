@echo off
rem Installs VibeSync for the person who runs this, without an administrator.
rem usage: install.cmd [/quiet]      (/quiet: does not wait for a key at the end)
setlocal EnableExtensions DisableDelayedExpansion
title VibeSync
set "FROM=%~dp0"
set "TO=%LOCALAPPDATA%\Programs\VibeSync"
set "MENU=%APPDATA%\Microsoft\Windows\Start Menu\Programs\VibeSync"
set "QUIET=%~1"

echo.
echo VibeSync @VERSION@
echo.
if not exist "%FROM%vibesync.exe" goto not_unpacked
if not exist "%FROM%vibesync-service.exe" goto not_unpacked
if not exist "%FROM%vibesync-@VERSION@.zip" goto not_unpacked

if not exist "%TO%\vibesync.exe" goto copy_files
echo An earlier version is installed. It is stopped and replaced; your projects stay as they are.
"%TO%\vibesync.exe" service remove

:copy_files
if not exist "%TO%" mkdir "%TO%"
if not exist "%TO%" goto no_folder
rem Windows does not replace a program that runs, but it renames it.
del /f /q "%TO%\*.old" >nul 2>nul
copy /y /b "%FROM%vibesync.exe" "%TO%\vibesync.exe" >nul 2>nul
if errorlevel 1 move /y "%TO%\vibesync.exe" "%TO%\vibesync.exe.old" >nul 2>nul
copy /y /b "%FROM%vibesync-service.exe" "%TO%\vibesync-service.exe" >nul 2>nul
if errorlevel 1 move /y "%TO%\vibesync-service.exe" "%TO%\vibesync-service.exe.old" >nul 2>nul
for %%F in (vibesync.exe vibesync-service.exe add-project.cmd uninstall.cmd README.txt LICENSE-APACHE.txt LICENSE-MIT.txt THIRD-PARTY-LICENSES.txt vibesync-@VERSION@.zip @UNITY@) do (
  copy /y /b "%FROM%%%F" "%TO%\%%F" >nul
  if errorlevel 1 goto not_copied
)
if not exist "%MENU%" mkdir "%MENU%"
copy /y /b "%FROM%add-project.cmd" "%MENU%\Add a project to VibeSync.cmd" >nul
copy /y /b "%FROM%uninstall.cmd" "%MENU%\Uninstall VibeSync.cmd" >nul

"%TO%\vibesync.exe" service install
if errorlevel 1 goto no_service

echo.
echo Done:
echo   - The program is in "%TO%".
echo   - It starts by itself when you log in, and it runs now.
echo   - The Start menu has "Add a project to VibeSync" and "Uninstall VibeSync".
echo.
echo Next:
echo   1. Drag the folder of your project onto add-project.cmd.
echo   2. Blender: Edit, Preferences, Get Extensions, Install from Disk:
echo      "%TO%\vibesync-@VERSION@.zip"
echo   3. Unity: Window, Package Manager, +, Install package from tarball:
echo      "%TO%\@UNITY@"
set CODE=0
goto end

:not_unpacked
echo Files are missing beside install.cmd. Windows shows the inside of a ZIP file as a folder, but does not unpack it.
echo Close this window, right-click the ZIP file, choose "Extract All", and start install.cmd in the new folder.
set CODE=1
goto end

:no_folder
echo The folder "%TO%" cannot be made. Nothing was installed.
set CODE=1
goto end

:not_copied
echo A file in "%TO%" cannot be written. Close Blender and Unity, wait a minute, and start install.cmd again.
set CODE=1
goto end

:no_service
echo.
echo The program was copied to "%TO%", but it does not start by itself yet. The reason is above.
echo Start install.cmd again later.
set CODE=1

:end
echo.
if /i not "%QUIET%"=="/quiet" pause
exit /b %CODE%
