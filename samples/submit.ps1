#Requires -Modules Inpaint

<#
.SYNOPSIS
Submits the pictures of a CSV file and ends as soon as the provider has accepted them. collect.ps1 brings the results.
.EXAMPLE
./submit.ps1 -Csv jobs.csv -Provider Fal -MaximumCost 20
#>
param(
    # Columns are named like parameters of Start-InpaintJob. Paths in the file are relative to the file.
    [string] $Csv = "$PSScriptRoot/pictures/jobs.csv",
    [string] $Provider = 'Fal',
    [decimal] $MaximumCost = 1
)

Push-Location (Split-Path (Convert-Path $Csv))
try { Import-Csv $Csv | Start-InpaintJob -Provider $Provider -MaximumCost $MaximumCost -Resume }
finally { Pop-Location }
