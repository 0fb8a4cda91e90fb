#Requires -Modules Inpaint

<#
.SYNOPSIS
Finds a thing in pictures by its name and puts something else in its place. All around it stays as it was.
.EXAMPLE
./find-and-replace.ps1 -Path street.jpg -Find 'the parked car' -Replace 'an empty street' -Provider Fal
#>
param(
    [string[]] $Path = "$PSScriptRoot/pictures/ball.png",
    [string] $Find = 'the beach ball',
    [string] $Replace = 'a sleeping dog',
    [string] $Provider = 'Fal',
    [decimal] $MaximumCost = 1,
    [string] $OutPath = 'out/'
)

Get-Item $Path | Invoke-Inpaint -MaskPrompt $Find -Grow 8 -Prompt $Replace -Provider $Provider -KeepUnmasked -MaximumCost $MaximumCost -OutPath $OutPath
