#Requires -Modules Inpaint

<#
.SYNOPSIS
Plans the rows of a CSV file, warns about the invalid ones, and repaints the others within a cost limit.
.EXAMPLE
./batch-from-csv.ps1 -Csv jobs.csv -Provider Fal -MaximumCost 20
#>
param(
    # The columns have the names of parameters of Invoke-Inpaint: Image, Mask, Prompt and others.
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
