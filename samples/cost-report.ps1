#Requires -Modules Inpaint

<#
.SYNOPSIS
Sums the cost of the jobs of the last days, by provider and model.
.EXAMPLE
./cost-report.ps1 -Days 7 | Export-Csv costs.csv
#>
param([int] $Days = 30)

$since = [datetimeoffset]::Now.AddDays(-$Days)
Get-InpaintStatus -All | Where-Object { $_.Cost -and $_.SubmittedAt -gt $since } | Group-Object Provider, Model | ForEach-Object {
    [pscustomobject] @{
        Provider = $_.Group[0].Provider
        Model = $_.Group[0].Model
        Jobs = $_.Count
        Dollars = [math]::Round(($_.Group | Measure-Object Cost -Sum).Sum, 6)
    }
} | Sort-Object Dollars -Descending
