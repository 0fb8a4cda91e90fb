#Requires -Modules Inpaint

<#
.SYNOPSIS
Waits for all jobs in the journal that are running or not saved yet, and saves their pictures.
.EXAMPLE
./collect.ps1 -OutPath out/ -TimeoutSec 3600
#>
param(
    [string] $OutPath = 'out/',

    # Jobs that are not finished by then stay in the journal for the next run.
    [int] $TimeoutSec = 3600
)

Get-InpaintStatus | Receive-InpaintJob -Wait -TimeoutSec $TimeoutSec | Save-InpaintImage -Path $OutPath
