#Requires -Modules Inpaint

<#
.SYNOPSIS
Repaints the pictures of a CSV file after a look at what that would cost, and leaves the broken rows out.
.EXAMPLE
./batch-from-csv.ps1 -Csv jobs.csv -Provider Fal -MaximumCost 20
#>
param(
    # Columns are named like parameters of Invoke-Inpaint: Image, Mask, Prompt and others.
    [string] $Csv = "$PSScriptRoot/pictures/jobs.csv",
    [string] $Provider = 'Fal',
    [decimal] $MaximumCost = 1,
    [string] $OutPath = 'out/'
)

# Paths in the file are relative to the file.
$out = New-Item -ItemType Directory -Force $OutPath
Push-Location (Split-Path (Convert-Path $Csv))
try {
    $plan = Import-Csv $Csv | Get-InpaintPlan -Provider $Provider
    $plan | Where-Object Error | ForEach-Object { Write-Warning "$($_.Name): $($_.Error)" }
    $plan | Where-Object { -not $_.Error } | Invoke-Inpaint -MaximumCost $MaximumCost -OutPath $out.FullName
}
finally { Pop-Location }
