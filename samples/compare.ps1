#Requires -Modules Inpaint

<#
.SYNOPSIS
Repaints one picture twice, as the service answers and with the unmasked part kept, and compares both with the original.
.EXAMPLE
./compare.ps1 -Image dog.png -Mask dog_mask.png -Prompt 'an empty bench' -Provider Fal
#>
param(
    [string] $Image = "$PSScriptRoot/pictures/ball.png",
    [string] $Mask = "$PSScriptRoot/pictures/ball_mask.png",
    [string] $Prompt = 'a sleeping dog',
    [string] $Provider = 'Fal',
    [string] $OutPath = 'out/'
)

$answer = Invoke-Inpaint $Image $Mask $Prompt -Provider $Provider -Seed 42 -OutPath $OutPath -Name '{Source}-answer'
$kept = Invoke-Inpaint $Image $Mask $Prompt -Provider $Provider -Seed 42 -KeepUnmasked -OutPath $OutPath -Name '{Source}-kept'
$answer, $kept | Compare-InpaintImage $Image -Mask $Mask -DifferencePath $OutPath -Gain 8 -Force
