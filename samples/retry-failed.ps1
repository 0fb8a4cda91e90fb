#Requires -Modules Inpaint

<#
.SYNOPSIS
Repaints the pictures of a CSV file, and retries rows with transient errors once. The other failed rows are written to a file, to be corrected.
.EXAMPLE
./retry-failed.ps1 -Csv jobs.csv -Provider Fal -RetryCsv retry.csv
#>
param(
    # The columns have the names of parameters of Invoke-Inpaint. Paths in the file are relative to the file.
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
    $transient, $permanent = $bad.Where({ $_.Exception.IsTransient }, 'Split')
    if ($transient) { $transient.TargetObject | Invoke-Inpaint -Provider $Provider -Resume -OutPath $out.FullName -ErrorVariable +permanent }
    if ($permanent) { $permanent.TargetObject | Export-Csv $retry }
}
finally { Pop-Location }
