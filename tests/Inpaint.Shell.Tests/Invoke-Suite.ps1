# Runs files of the Pester suite, one after the other, and writes for each <name>.xml (NUnit) and <name>.txt (what failed outside of any test, and so is in no test's result).
# Several shells may be given the same files at once: each file is run by the one that takes it first.
param(
    [Parameter(Mandatory)] [string] $ResultFolder,
    [Parameter(Mandatory)] [string] $Configuration,
    # Its manifest.
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory, ValueFromRemainingArguments)] [string[]] $Path
)

$ErrorActionPreference = 'Stop'
# Colours in a message would make the results file invalid XML.
$env:NO_COLOR = '1'
$PSStyle.OutputRendering = 'PlainText'
$env:INPAINT_TEST_CONFIGURATION = $Configuration
# Keys and defaults of whoever runs this must not reach the tests, nor the tests their services.
Get-ChildItem Env: | Where-Object Name -Match '^(FAL_KEY|INPAINT_(?!TEST_|LONG$)|CHAINHUB_|KKIAI_|MODELSLAB_)' | ForEach-Object { Remove-Item "Env:$($_.Name)" }

Import-Module $Pester
# The tests run as lines at a prompt do.
$ErrorActionPreference = 'Continue'
foreach ($file in $Path) {
    $result = Join-Path $ResultFolder (Split-Path $file -LeafBase)
    try { [System.IO.File]::Open("$result.taken", 'CreateNew').Dispose() } catch [System.IO.IOException] { continue }

    $settings = New-PesterConfiguration
    $settings.Run.Path = $file
    $settings.Run.PassThru = $true
    $settings.TestResult.Enabled = $true
    $settings.TestResult.OutputFormat = 'NUnitXml'
    $settings.TestResult.OutputPath = "$result.xml"
    $run = Invoke-Pester -Configuration $settings
    @($run.FailedContainers) + @($run.FailedBlocks) | ForEach-Object ErrorRecord | Out-String | Set-Content "$result.txt" -NoNewline
}
