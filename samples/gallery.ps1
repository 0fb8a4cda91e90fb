#Requires -Modules Inpaint

<#
.SYNOPSIS
Repaints a picture with several seeds and writes a page that shows the results.
.EXAMPLE
./gallery.ps1 -Image dog.png -Mask dog_mask.png -Prompt 'a lion' -Count 4 -Provider Fal | Invoke-Item
#>
param(
    [string] $Image = "$PSScriptRoot/pictures/ball.png",
    [string] $Mask = "$PSScriptRoot/pictures/ball_mask.png",
    [string] $Prompt = 'a sleeping dog',
    [int] $Count = 3,
    [string] $Provider = 'Fal',
    [decimal] $MaximumCost = 1,
    [string] $OutPath = 'out/'
)

$rows = 1..$Count | ForEach-Object { [pscustomobject] @{ Image = $Image; Mask = $Mask; Prompt = $Prompt; Seed = $_ } }
$rows | Invoke-Inpaint -Provider $Provider -MaximumCost $MaximumCost -OutPath $OutPath -Name '{Source}-{Seed}' -Metadata Embedded |
    Export-InpaintGallery (Join-Path $OutPath gallery.html) -Title $Prompt
