@echo off
rem Removes VibeSync of the person who runs this. Projects and settings stay.
rem usage: uninstall.cmd [/quiet]      (/quiet: does not wait for a key at the end)
setlocal EnableExtensions DisableDelayedExpansion
title VibeSync
set "TO=%LOCALAPPDATA%\Programs\VibeSync"
set "MENU=%APPDATA%\Microsoft\Windows\Start Menu\Programs\VibeSync"
set "QUIET=%~1"
rem A folder that a window is in cannot be removed.
cd /d "%SystemRoot%"

echo.
if not exist "%TO%\vibesync.exe" goto not_installed
"%TO%\vibesync.exe" service remove
if errorlevel 1 goto not_stopped
rem Only files that install.cmd has put there: somebody may keep own files beside them.
for %%F in (vibesync.exe vibesync-service.exe README.txt LICENSE-APACHE.txt LICENSE-MIT.txt THIRD-PARTY-LICENSES.txt add-project.cmd) do del /f /q "%TO%\%%F" >nul 2>nul
del /f /q "%TO%\vibesync-*.zip" "%TO%\com.vibesync.*.tgz" "%TO%\*.old" >nul 2>nul
del /f /q "%MENU%\Add a project to VibeSync.cmd" >nul 2>nul
if exist "%TO%\vibesync.exe" goto in_use
echo VibeSync is removed. Your projects, their history and your settings stay as they are.
echo Remove the extension in Blender and the package in Unity there, if you want to.
echo.
if /i not "%QUIET%"=="/quiet" pause
rem This file removes itself, so nothing of it may be read afterwards.
(goto) 2>nul & del /f /q "%MENU%\Uninstall VibeSync.cmd" "%TO%\uninstall.cmd" >nul 2>nul & rmdir "%MENU%" >nul 2>nul & rmdir "%TO%" >nul 2>nul

:not_installed
echo VibeSync is not installed in "%TO%".
set CODE=0
goto end

:not_stopped
echo VibeSync could not be stopped, and nothing was removed. The reason is above.
set CODE=1
goto end

:in_use
echo The program is still in use. Wait a minute, and start this again.
set CODE=1

:end
echo.
if /i not "%QUIET%"=="/quiet" pause
exit /b %CODE%
