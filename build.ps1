#!/usr/bin/env pwsh
<#
.SYNOPSIS
Builds, tests, packages and demonstrates the module.
.DESCRIPTION
Build       builds the module into out/Inpaint.
Test        runs every test: those of the engine, and those of the cmdlets in a real PowerShell. With -Coverage it also prints the code coverage.
Pester      runs the file of cmdlet tests that -Path specifies, and lists each test.
Package     builds the module, packs it as artifacts/Inpaint.<version>.nupkg and .zip, and runs the demo from that package.
            Its steps, if the module is already built: Pack, Unpack, TryPackage.
TestPackage runs every test against the packaged module instead of the one in out/.
Demo        builds the module and removes a ball from the sample picture, with the built-in provider, which needs no key or network.
Pictures    redraws the sample pictures and the pictures in the documentation.
Format      fails if a file is not formatted as .editorconfig specifies; with -Fix it formats the files.
Analyze     runs PSScriptAnalyzer on the scripts.
Benchmark   measures batches of jobs with the module, fal's own client and a loop of Invoke-RestMethod. It takes a few minutes, with -Long half an hour.
            With -Arguments it runs another benchmark; see tests/Inpaint.Benchmarks/Program.cs.
Sbom        writes the module's software bill of materials to artifacts/bom.json.
Publish     publishes the package to the PowerShell Gallery with the key in $env:PSGALLERY_API_KEY.

Requires only the .NET SDK. Invoke-Build, which runs the tasks, is restored with build/Tools.
.EXAMPLE
dotnet tool exec -y powershell build.ps1 Demo
.EXAMPLE
pwsh ./build.ps1 Format Test Package
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0, ValueFromRemainingArguments)]
    [ValidateSet('Build', 'Test', 'Pester', 'Package', 'Pack', 'Unpack', 'TryPackage', 'TestPackage', 'Demo', 'Pictures', 'Format', 'Analyze', 'Benchmark', 'Sbom', 'Publish')]
    [string[]] $Tasks = 'Build',

    # Test: also measures the code coverage, which takes longer.
    [switch] $Coverage,

    # Pester: the test file.
    [string] $Path,

    # Format: formats the files.
    [switch] $Fix,

    # Benchmark: longer batches and more rounds.
    [switch] $Long,

    # Benchmark: the arguments of the benchmark program, to run another benchmark.
    [string[]] $Arguments = @(),

    # The folder for packages and the picture of the demo.
    [string] $Output = (Join-Path $PSScriptRoot 'artifacts')
)

if ($MyInvocation.ScriptName -notlike '*Invoke-Build.ps1') {
    $ErrorActionPreference = 'Stop'
    $tools = Join-Path $PSScriptRoot 'build/Tools/Tools.csproj'
    $output = dotnet restore $tools --nologo -v quiet
    if ($LASTEXITCODE -ne 0) { throw "The build tools could not be restored: $output" }
    & (dotnet msbuild $tools -nologo -getProperty:InvokeBuildScript) -File $PSCommandPath @PSBoundParameters -Task $Tasks
    return
}

$solution = Join-Path $PSScriptRoot 'Inpaint.sln'
$module = Join-Path $PSScriptRoot 'out/Inpaint'
$samples = Join-Path $PSScriptRoot 'samples/pictures'
$version = (Import-PowerShellDataFile (Join-Path $PSScriptRoot 'Inpaint.psd1')).ModuleVersion
$package = Join-Path $Output "Inpaint.$version.nupkg"
$unpacked = Join-Path $Output "unpacked/Inpaint/$version"

# Runs a script in a process of its own, so that this one keeps no file of the module open. The script's $args are the module's manifest and what follows.
function Invoke-Shell([string] $Script, [string] $Manifest, [string[]] $More) {
    # Where PowerShell is a .NET tool, it is dotnet that runs it.
    $program = (Get-Process -Id $PID).Path
    [string[]] $first = @(if ((Split-Path $program -LeafBase) -eq 'dotnet') { Join-Path $PSHOME 'pwsh.dll' })
    $quoted = (@($Manifest) + $More).ForEach({ "'$($_ -replace "'", "''")'" })
    exec { & $program @first -NoLogo -NoProfile -Command "`$ErrorActionPreference = 'Stop'; & { $Script } $quoted" }
}

function Measure-Test([string] $Project, [string] $Results, [string[]] $Settings) {
    $all = $Settings + 'SingleHit=true' | ForEach-Object { "DataCollectionRunSettings.DataCollectors.DataCollector.Configuration.$_" }
    exec { dotnet test (Join-Path $PSScriptRoot "tests/$Project") -c Release --nologo --collect 'XPlat Code Coverage' --results-directory $Results -- @all }
}

# The size of a package, and of each of its parts.
function Get-PackageWeight([string] $Path) {
    $zip = [System.IO.Compression.ZipFile]::OpenRead($Path)
    try {
        "$(Split-Path $Path -Leaf) has $('{0:0.0}' -f ((Get-Item $Path).Length / 1MB)) MB:"
        $zip.Entries | Group-Object { $_.FullName -match '^(runtimes/[^/]+|[^/]+/)' ? $Matches[1].TrimEnd('/') : 'the module itself' } |
            ForEach-Object { [pscustomobject] @{ Part = $_.Name; Bytes = ($_.Group | Measure-Object CompressedLength -Sum).Sum } } |
            Sort-Object Bytes -Descending |
            ForEach-Object { '{0,8:0.00} MB  {1}' -f ($_.Bytes / 1MB), $_.Part }
    }
    finally { $zip.Dispose() }
}

# The main job on the sample picture; the state folder is the demo's own.
$demo = @'
$env:INPAINT_HOME = Join-Path $args[1] 'state'
Import-Module $args[0]
$file = Invoke-Inpaint (Join-Path $args[2] 'ball.png') -Mask (Join-Path $args[2] 'ball_mask.png') -Provider Local -Seed 1 |
    Save-InpaintImage -Path $args[1] -Force
"The ball has been removed from $(Join-Path $args[2] 'ball.png'). The result is $($file.FullName)."
'@

# Only what the build leaves is shipped: a file of an earlier build must not slip in.
task Clean {
    remove $module
}

task Build Clean, {
    exec { dotnet build (Join-Path $PSScriptRoot 'src/Inpaint/Inpaint.csproj') -c Release --nologo -v quiet }
    "The module is in $module"
}

task Test {
    if (-not $Coverage) {
        exec { dotnet test $solution -c Release --nologo }
        return
    }

    # The engine is measured in its own tests, the cmdlets in the shells that import them from out/Inpaint.
    $results = Join-Path $Output 'coverage'
    remove $results
    Measure-Test 'Inpaint.Core.Tests' $results 'Include=[Inpaint.Core]*,[Inpaint.Pictures]*'
    Measure-Test 'Inpaint.Shell.Tests' $results 'Include=[Inpaint]*', "IncludeDirectory=$module"
    exec { dotnet tool restore }
    exec { dotnet reportgenerator "-reports:$results/*/coverage.cobertura.xml" "-targetdir:$results" '-reporttypes:TextSummary;Html' '-filefilters:-*.g.cs' -verbosity:Error }
    Get-Content (Join-Path $results 'Summary.txt')
    "Line by line: $(Join-Path $results 'index.html')"
}

task Pester {
    assert $Path 'Specify a file, for example: build.ps1 Pester -Path tests/Journal.Tests.ps1'
    $project = Join-Path $PSScriptRoot 'tests/Inpaint.Shell.Tests'
    exec { dotnet build $project -c Release --nologo -v quiet }
    $pester = exec { dotnet msbuild $project -nologo -getProperty:PesterManifest }
    Invoke-Shell 'Import-Module $args[0]; if ((Invoke-Pester $args[1] -Output Detailed -PassThru).Result -ne "Passed") { exit 1 }' $pester (Resolve-Path $Path)
}

task Pack {
    $null = New-Item -ItemType Directory -Force $Output
    remove $package
    Compress-Archive -Path $module -DestinationPath ([IO.Path]::ChangeExtension($package, '.zip')) -Force

    # The gallery's own packer, pointed at a folder: the same package that publishing sends.
    $repository = "Inpaint-$([guid]::NewGuid().ToString('N'))"
    Register-PSResourceRepository -Name $repository -Uri $Output -Trusted
    try { Publish-PSResource -Path $module -Repository $repository -SkipDependenciesCheck }
    finally { Unregister-PSResourceRepository -Name $repository }
    Get-ChildItem $Output -Filter "Inpaint.$version.*" -File
    Get-PackageWeight $package
}

# Takes the package apart as an installation does, into a folder of the module's name and version.
task Unpack {
    remove $unpacked
    Expand-Archive $package -DestinationPath $unpacked
}

task TryPackage {
    Invoke-Shell $demo (Join-Path $unpacked 'Inpaint.psd1') (Join-Path $Output 'demo'), $samples
}

task Package Build, Pack, Unpack, TryPackage

task TestPackage Unpack, {
    $env:INPAINT_TEST_MODULE = Join-Path $unpacked 'Inpaint.psd1'
    try { exec { dotnet test $solution -c Release --nologo } }
    finally { $env:INPAINT_TEST_MODULE = $null }
}

task Demo Build, {
    Invoke-Shell $demo (Join-Path $module 'Inpaint.psd1') (Join-Path $Output 'demo'), $samples
}

task Pictures Build, {
    exec { dotnet run -c Release --project (Join-Path $PSScriptRoot 'samples/SamplePictures') -- $samples }
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
    Invoke-Shell $script (Join-Path $module 'Inpaint.psd1') (Join-Path $PSScriptRoot 'docs/pictures'), $samples
}

task Format {
    exec { dotnet format $solution @(if (-not $Fix) { '--verify-no-changes' }) }
}

task Analyze {
    if (-not (Get-Module PSScriptAnalyzer -ListAvailable)) {
        Write-Warning 'PSScriptAnalyzer is not installed, so the scripts were not analyzed. Install it with: Install-PSResource PSScriptAnalyzer'
        return
    }

    $files = Get-ChildItem $PSScriptRoot, (Join-Path $PSScriptRoot 'tests'), (Join-Path $PSScriptRoot 'samples') -Filter *.ps*1 -Exclude *.ps1xml
    $findings = $files | ForEach-Object { Invoke-ScriptAnalyzer $_.FullName -Severity Warning, Error }
    $findings
    assert (-not $findings) "PSScriptAnalyzer found $(@($findings).Count) problems."
}

task Benchmark Build, {
    if (-not $Arguments) { $Arguments = @('--batches', (Join-Path $module 'Inpaint.psd1')) + @(if ($Long) { '--long' }) }
    exec { dotnet run -c Release --project (Join-Path $PSScriptRoot 'tests/Inpaint.Benchmarks') -- @Arguments }
}

task Sbom {
    exec { dotnet tool restore }
    exec { dotnet dotnet-CycloneDX (Join-Path $PSScriptRoot 'src/Inpaint/Inpaint.csproj') --output $Output --filename bom.json --output-format Json }
}

task Publish {
    $projectUri = (Import-PowerShellDataFile (Join-Path $module 'Inpaint.psd1')).PrivateData.PSData.ProjectUri
    assert ($projectUri -notlike '*.example/*') "$projectUri is a placeholder: set the project's own URL in Inpaint.psd1 and src/Inpaint/Pipeline/HelpLinks.cs."
    assert $env:PSGALLERY_API_KEY 'Set $env:PSGALLERY_API_KEY to the key for the PowerShell Gallery.'
    Publish-PSResource -NupkgPath $package -Repository PSGallery -ApiKey $env:PSGALLERY_API_KEY
}
