#Requires -Modules Inpaint

<#
.SYNOPSIS
Repaints a picture twice, without and with the unmasked part kept, and compares both results with the original.
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

$redrawn = Invoke-Inpaint $Image $Mask $Prompt -Provider $Provider -Seed 42 -OutPath $OutPath -Name '{Source}-redrawn'
$kept = Invoke-Inpaint $Image $Mask $Prompt -Provider $Provider -Seed 42 -KeepUnmasked -OutPath $OutPath -Name '{Source}-kept'
$redrawn, $kept | Compare-InpaintImage $Image -Mask $Mask -DifferencePath $OutPath -Gain 8 -Force
