#Requires -Modules Inpaint

<#
.SYNOPSIS
Finds an object in pictures by its description and replaces it. The rest of the picture does not change.
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
