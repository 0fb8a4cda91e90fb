# Runs one file of the Pester suite and writes its results as NUnit XML. The exit code is the number of failures.
param(
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $ResultPath,
    [string] $Configuration = 'Release',
    # Its manifest; without it, the Pester that is installed.
    [string] $Pester = 'Pester'
)

$ErrorActionPreference = 'Stop'
# Colours in a message would make the results file invalid XML.
$env:NO_COLOR = '1'
$PSStyle.OutputRendering = 'PlainText'
$env:INPAINT_TEST_CONFIGURATION = $Configuration
# Keys and defaults of whoever runs this must not reach the tests, nor the tests their services.
Get-ChildItem Env: | Where-Object Name -Match '^(FAL_KEY|INPAINT_(?!TEST_|LONG$)|CHAINHUB_|KKIAI_|MODELSLAB_)' | ForEach-Object { Remove-Item "Env:$($_.Name)" }

Import-Module $Pester
$settings = New-PesterConfiguration
$settings.Run.Path = $Path
$settings.Run.PassThru = $true
$settings.Output.Verbosity = 'Detailed'
$settings.TestResult.Enabled = $true
$settings.TestResult.OutputFormat = 'NUnitXml'
$settings.TestResult.OutputPath = $ResultPath
$run = Invoke-Pester -Configuration $settings
exit $run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount
