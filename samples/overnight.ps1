#Requires -Modules Inpaint

<#
.SYNOPSIS
Repaints a folder of pictures with their masks overnight. If it is interrupted, run it again: it continues and pays for nothing twice.
.EXAMPLE
./overnight.ps1 -Folder shots/ -Prompt 'an empty bench' -Provider Fal -MaximumCost 20
#>
param(
    # The mask of dog.png is dog_mask.png in the same folder. Pictures without a mask are skipped.
    [string] $Folder = "$PSScriptRoot/pictures",
    [string] $Prompt = 'grass',
    [string] $Provider = 'Fal',
    [decimal] $MaximumCost = 1,
    [string] $OutPath = 'out/'
)

$pictures = Get-ChildItem $Folder/* -Include *.png, *.jpg -Exclude *_mask.png | Where-Object { Test-Path "$($_.DirectoryName)/$($_.BaseName)_mask.png" }
$pictures | Invoke-Inpaint -Prompt $Prompt -Provider $Provider -MaximumCost $MaximumCost -Resume -OutPath $OutPath -Force -LogPath night.jsonl
