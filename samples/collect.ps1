#Requires -Modules Inpaint

<#
.SYNOPSIS
Waits for all jobs that are under way or not saved yet, whoever submitted them here, and saves their pictures.
.EXAMPLE
./collect.ps1 -OutPath out/ -TimeoutSec 3600
#>
param(
    [string] $OutPath = 'out/',

    # What is not done by then stays where it is, for the next time.
    [int] $TimeoutSec = 3600
)

Get-InpaintStatus | Receive-InpaintJob -Wait -TimeoutSec $TimeoutSec | Save-InpaintImage -Path $OutPath
