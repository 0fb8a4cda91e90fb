#Requires -Modules Inpaint

<#
.SYNOPSIS
Submits the pictures of a CSV file and exits as soon as the provider has accepted them. Use collect.ps1 to get the results.
.EXAMPLE
./submit.ps1 -Csv jobs.csv -Provider Fal -MaximumCost 20
#>
param(
    # The columns have the names of parameters of Start-InpaintJob. Paths in the file are relative to the file.
    [string] $Csv = "$PSScriptRoot/pictures/jobs.csv",
    [string] $Provider = 'Fal',
    [decimal] $MaximumCost = 1
)

Push-Location (Split-Path (Convert-Path $Csv))
try { Import-Csv $Csv | Start-InpaintJob -Provider $Provider -MaximumCost $MaximumCost -Resume }
finally { Pop-Location }
