#Requires -Modules Inpaint

<#
.SYNOPSIS
Removes the date that a camera printed into a corner of photographs, without an account.
.EXAMPLE
./remove-date-stamp.ps1 -Path ~/Pictures/*.jpg -Part 'BottomRight,30%,10%' -OutPath undated/
#>
param(
    # The photographs. Wildcards are accepted.
    [string[]] $Path = "$PSScriptRoot/pictures/dated.png",

    # The position of the date. Show-InpaintImage -Grid helps to find the coordinates.
    [string] $Part = 'BottomRight,55%,25%',

    [string] $OutPath = 'out/'
)

Get-Item $Path | Invoke-Inpaint -Rectangle $Part -Provider Local -OutPath $OutPath
