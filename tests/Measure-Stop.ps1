<#
.SYNOPSIS
Measures how long a line goes on after it was stopped, by running the tests of prompt stops several times, and writes the medians as a table.
.EXAMPLE
pwsh tests/Measure-Stop.ps1 -Rounds 5
#>
param([ValidateRange(1, 100)] [int] $Rounds = 5)

Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
$times = [System.IO.Path]::GetTempFileName()
$env:INPAINT_TEST_STOP_TIMES = $times
try {
    foreach ($round in 1..$Rounds) {
        # A shell of its own for each round, as for a user's first line.
        $said = Invoke-ShellProgram -NoLogo -NoProfile -NonInteractive -Command "exit (Invoke-Pester '$PSScriptRoot/Stop.Tests.ps1' -Output Detailed -PassThru).FailedCount"
        if ($LASTEXITCODE) { Write-Warning "Round ${round}: $($said -match '^\s*\[-\]' -join '; ')" }
    }

    $rows = @(Import-Csv -LiteralPath $times)
    '| stopped by | during | at | median | longest | runs |'
    '|---|---|---|---|---|---|'
    foreach ($case in $rows | Group-Object Way, During | Sort-Object { [array]::IndexOf($rows, $_.Group[0]) }) {
        $first = $case.Group[0]
        [int[]] $sorted = [int[]] $case.Group.Milliseconds | Sort-Object
        $median = $sorted[[Math]::Floor(($sorted.Count - 1) / 2)]
        "| $($first.Way) | $($first.During) | $(($case.Group.Provider | Select-Object -Unique) -join ', ') | $median ms | $($sorted[-1]) ms | $($sorted.Count) |"
    }
}
finally {
    Remove-Item Env:INPAINT_TEST_STOP_TIMES
    Remove-Item -LiteralPath $times
}
