#Requires -Modules Inpaint

<#
.SYNOPSIS
Repaints the pictures of a CSV file, and tries once more those that failed for a passing reason. The other failures go to a file to correct.
.EXAMPLE
./retry-failed.ps1 -Csv jobs.csv -Provider Fal -RetryCsv retry.csv
#>
param(
    # Columns are named like parameters of Invoke-Inpaint. Paths in the file are relative to the file.
    [string] $Csv = "$PSScriptRoot/pictures/jobs.csv",
    [string] $Provider = 'Fal',
    [string] $RetryCsv = 'retry.csv',
    [string] $OutPath = 'out/'
)

$out = New-Item -ItemType Directory -Force $OutPath
$retry = Join-Path $PWD $RetryCsv
Push-Location (Split-Path (Convert-Path $Csv))
try {
    Import-Csv $Csv | Invoke-Inpaint -Provider $Provider -OutPath $out.FullName -ErrorVariable bad -ErrorAction SilentlyContinue
    $passing, $lasting = $bad.Where({ $_.Exception.IsTransient }, 'Split')
    if ($passing) { $passing.TargetObject | Invoke-Inpaint -Provider $Provider -Resume -OutPath $out.FullName -ErrorVariable +lasting }
    if ($lasting) { $lasting.TargetObject | Export-Csv $retry }
}
finally { Pop-Location }
