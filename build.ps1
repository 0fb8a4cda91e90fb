#!/usr/bin/env pwsh
<#
.SYNOPSIS
Builds, tests, packages and shows the module.
.DESCRIPTION
Build    leaves the importable module in out/Inpaint.
Test     runs every test: the engine's, and the module's own in this machine's pwsh.
Package  makes artifacts/Inpaint-<version>.zip and artifacts/Inpaint.<version>.nupkg of what Build left.
Demo     builds and runs the main job on the sample picture, with the embedded provider: no key, no network.
Pictures draws the sample pictures and those of the documentation anew.
.EXAMPLE
pwsh ./build.ps1 Demo
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Package', 'Demo', 'Pictures')]
    [string[]] $Task = 'Build'
)

$ErrorActionPreference = 'Stop'
$solution = Join-Path $PSScriptRoot 'Inpaint.sln'
$module = Join-Path $PSScriptRoot 'out/Inpaint'
$artifacts = Join-Path $PSScriptRoot 'artifacts'

function Invoke-DotNet {
    dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $($args[0]) ended with exit code $LASTEXITCODE." }
}

function Invoke-Build {
    # Only what the build leaves is shipped: a file of an earlier build must not slip in.
    if (Test-Path $module) { Remove-Item $module -Recurse -Force }
    Invoke-DotNet build (Join-Path $PSScriptRoot 'src/Inpaint/Inpaint.csproj') -c Release --nologo -v quiet
    Write-Host "The module is in $module"
}

function Invoke-Test {
    Invoke-DotNet test $solution -c Release --nologo
}

function Invoke-Package {
    Invoke-Build
    $version = (Import-PowerShellDataFile (Join-Path $module 'Inpaint.psd1')).ModuleVersion
    $null = New-Item -ItemType Directory -Force $artifacts
    $zip = Join-Path $artifacts "Inpaint-$version.zip"
    Compress-Archive -Path $module -DestinationPath $zip -Force

    # The gallery's own packer, pointed at a folder: the same package that Publish-Module would send.
    $repository = "Inpaint$([guid]::NewGuid().ToString('N'))"
    if (Get-Command Publish-PSResource -ErrorAction Ignore) {
        Register-PSResourceRepository -Name $repository -Uri $artifacts -Trusted
        try {
            Remove-Item (Join-Path $artifacts "Inpaint.$version.nupkg") -ErrorAction Ignore
            Publish-PSResource -Path $module -Repository $repository
        }
        finally { Unregister-PSResourceRepository -Name $repository }
    }
    else {
        Write-Warning 'Publish-PSResource is not here (Install-Module Microsoft.PowerShell.PSResourceGet); the zip is complete, the nupkg was left out.'
    }

    Get-ChildItem $artifacts -Filter "Inpaint*$version*" -File
}

# In a process of its own, so that this one keeps no file of the module open.
function Invoke-Module([string] $Script, [string] $Target, [string] $Pictures) {
    # Where PowerShell is installed as a .NET tool, it is dotnet that runs it.
    $program = (Get-Process -Id $PID).Path
    [string[]] $first = @(if ((Split-Path $program -LeafBase) -eq 'dotnet') { Join-Path $PSHOME 'pwsh.dll' })
    & $program @first -NoLogo -NoProfile -Command "`$ErrorActionPreference = 'Stop'; & { $Script } '$module' '$Target' '$Pictures'"
    if ($LASTEXITCODE -ne 0) { throw 'The module failed.' }
}

function Invoke-Demo {
    Invoke-Build
    $pictures = Join-Path $PSScriptRoot 'samples/pictures'
    # The state folder is the demo's own.
    $script = @'
$env:INPAINT_HOME = Join-Path $args[1] 'state'
Import-Module $args[0]
Invoke-Inpaint (Join-Path $args[2] 'ball.png') -Mask (Join-Path $args[2] 'ball_mask.png') -Provider Local -Seed 1 -Verbose |
    Save-InpaintImage -Path $args[1] -Force
'@
    Invoke-Module $script (Join-Path $artifacts 'demo') $pictures
}

function Invoke-Pictures {
    Invoke-Build
    $pictures = Join-Path $PSScriptRoot 'samples/pictures'
    Invoke-DotNet run -c Release --project (Join-Path $PSScriptRoot 'samples/SamplePictures') -- $pictures
    $script = @'
$env:INPAINT_HOME = Join-Path ([IO.Path]::GetTempPath()) "inpaint-$([guid]::NewGuid().ToString('N'))"
Import-Module $args[0]
Set-Location $args[2]
Invoke-Inpaint ball.png -Mask ball_mask.png -Provider Local -Seed 1 | Save-InpaintImage -Path (Join-Path $args[1] 'ball-inpaint.png') -Force
Compare-InpaintImage ball.png (Join-Path $args[1] 'ball-inpaint.png') -Mask ball_mask.png -DifferencePath (Join-Path $args[1] 'ball-difference.png') -Gain 2 -Force
$mask = New-InpaintMask dated.png -Color '#ff8514' -Tolerance 45 -Grow 2 -Path (Join-Path $args[1] 'dated_mask.png') -Force
Invoke-Inpaint dated.png -Mask $mask -Provider Local -Seed 1 | Save-InpaintImage -Path (Join-Path $args[1] 'dated-inpaint.png') -Force
Remove-Item $env:INPAINT_HOME -Recurse
'@
    Invoke-Module $script (Join-Path $PSScriptRoot 'docs/pictures') $pictures
}

foreach ($name in $Task) {
    & "Invoke-$name"
}
