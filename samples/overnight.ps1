#Requires -Modules Inpaint

<#
.SYNOPSIS
Works through a folder of pictures with their masks overnight. Started again, it goes on where it was interrupted and pays for nothing twice.
.EXAMPLE
./overnight.ps1 -Folder shots/ -Prompt 'an empty bench' -Provider Fal -MaximumCost 20
#>
param(
    # Beside each picture lies its mask: dog.png and dog_mask.png. Pictures without one are left out.
    [string] $Folder = "$PSScriptRoot/pictures",
    [string] $Prompt = 'grass',
    [string] $Provider = 'Fal',
    [decimal] $MaximumCost = 1,
    [string] $OutPath = 'out/'
)

$pictures = Get-ChildItem $Folder/* -Include *.png, *.jpg -Exclude *_mask.png | Where-Object { Test-Path "$($_.DirectoryName)/$($_.BaseName)_mask.png" }
$pictures | Invoke-Inpaint -Prompt $Prompt -Provider $Provider -MaximumCost $MaximumCost -Resume -OutPath $OutPath -Force -LogPath night.jsonl
