BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')

    function Get-Completion([string] $Line) {
        (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches
    }
}

Describe 'Completion' {
    It 'offers <Expected> for "<Line>"' -ForEach @(
        @{ Line = 'Invoke-Inpaint -Provider '; Expected = 'Local' }
        @{ Line = 'Invoke-Inpaint -Provider F'; Expected = 'Fal' }
        @{ Line = 'Get-InpaintProvider L'; Expected = 'Local' }
        @{ Line = 'Set-InpaintProvider -Name '; Expected = 'Fal' }
        @{ Line = 'Invoke-Inpaint -Provider Fal -Model '; Expected = 'fal-ai/flux-lora/inpainting' }
        @{ Line = 'New-InpaintImage -Provider Fal -Model '; Expected = 'fal-ai/flux-lora' }
        @{ Line = 'Set-InpaintProvider Fal -Model '; Expected = 'fal-ai/flux-lora/inpainting' }
        @{ Line = 'Invoke-Inpaint -Provider Fal -Acceleration '; Expected = 'regular' }
        @{ Line = 'Invoke-Inpaint -Provider Fal -OutputFormat j'; Expected = 'jpeg' }
        @{ Line = 'Invoke-Inpaint -Provider Fal -Priority '; Expected = 'low' }
        @{ Line = 'Invoke-Inpaint -Size land'; Expected = 'landscape_4_3' }
        @{ Line = 'Invoke-Inpaint -MaskMode '; Expected = 'Alpha' }
        @{ Line = 'Save-InpaintImage -Metadata '; Expected = 'Sidecar' }
        @{ Line = 'Invoke-Inpaint -Provider ModelsLab -Scheduler Euler'; Expected = 'EulerDiscreteScheduler' }
        @{ Line = 'Invoke-Inpaint -Provider ModelsLab -Option '; Expected = '@{ ClipSkip = 2 }' }
        @{ Line = 'Test-InpaintMask -Provider Mod'; Expected = 'ModelsLab' }
        @{ Line = 'Compare-InpaintImage -MaskMode '; Expected = 'Black' }
        @{ Line = 'Show-InpaintImage -Protocol S'; Expected = 'Sixel' }
        @{ Line = 'New-InpaintMask -Size land'; Expected = 'landscape_4_3' }
        @{ Line = 'New-InpaintMask -MaskMode '; Expected = 'Black' }
        @{ Line = 'Set-InpaintProvider Mine -Kind '; Expected = 'FalGateway' }
    ) {
        (Get-Completion $Line).CompletionText | Should -Contain $Expected
    }

    It 'says what a size means, and what a provider is' {
        (Get-Completion 'Invoke-Inpaint -Size portrait_4').ToolTip | Should -Match '768 x 1024'
        (Get-Completion 'Invoke-Inpaint -Provider Loc').ToolTip | Should -Match 'default'
    }

    It 'offers the ids of known jobs, saying what each is' {
        $dog = New-TestPair -Folder (Join-Path $TestDrive 'pictures')
        $job = Start-InpaintJob $dog (Join-Path $TestDrive 'pictures/dog_mask.png') | Wait-InpaintJob
        foreach ($line in 'Get-InpaintStatus ', 'Get-InpaintStatus -Id ', 'Receive-InpaintJob -Job ', 'Stop-InpaintJob -Provider Local -Id ') {
            $match = Get-Completion $line | Where-Object CompletionText -EQ $job.Id
            $match | Should -HaveCount 1
            $match.ToolTip | Should -Match 'dog\.png'
        }

        (Get-Completion 'Get-InpaintStatus -Provider Fal -Id ').CompletionText | Should -Not -Contain $job.Id
    }
}
