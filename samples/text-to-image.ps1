#Requires -Modules Inpaint

<#
.SYNOPSIS
Makes a picture for each prompt, several at a time.
.EXAMPLE
./text-to-image.ps1 -Prompt (Get-Content prompts.txt) -Provider Fal -MaximumCost 2
#>
param(
    [string[]] $Prompt = @('a stone bench in an autumn park', 'a lighthouse at dusk'),
    [string] $Provider = 'Fal',
    [string] $Size = 'landscape_4_3',
    [decimal] $MaximumCost = 1,
    [string] $OutPath = 'out/'
)

$Prompt | New-InpaintImage -Provider $Provider -Size $Size -MaximumCost $MaximumCost |
    Save-InpaintImage -Path $OutPath -Name '{Source}-{Seed}' -Metadata Embedded
