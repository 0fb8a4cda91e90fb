BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures -Size 256
    $mask = Join-Path $pictures 'dog_mask.png'
    $null = Start-Emulator
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe "fal's other inpainting models" {
    BeforeEach {
        Reset-Emulator
    }

    It 'go by the same line: <Model>' -ForEach @(
        @{ Model = 'fal-ai/flux-general/inpainting'; Given = @{ Prompt = 'a lion'; NegativePrompt = 'blurry'; Option = @{ use_real_cfg = $true } }; Fields = 'image_url', 'mask_url', 'negative_prompt', 'prompt', 'use_real_cfg' }
        @{ Model = 'fal-ai/z-image/turbo/inpaint'; Given = @{ Prompt = 'a lion'; Option = @{ control_scale = 0.5 } }; Fields = 'control_scale', 'image_url', 'mask_image_url', 'prompt' }
        @{ Model = 'fal-ai/fooocus/inpaint'; Given = @{ Prompt = 'a lion'; Strength = 0.9; Size = '1024x1024'; Option = @{ styles = 'Fooocus V2', 'Fooocus Sharp' } }; Fields = 'aspect_ratio', 'inpaint_image_url', 'inpaint_strength', 'mask_image_url', 'output_format', 'prompt', 'styles' }
        @{ Model = 'fal-ai/ideogram/v3/edit'; Given = @{ Prompt = 'a lion'; Option = @{ rendering_speed = 'turbo' } }; Fields = 'image_url', 'mask_url', 'prompt', 'rendering_speed' }
        @{ Model = 'fal-ai/bria/eraser'; Given = @{ }; Fields = 'image_url', 'mask_url' }
    ) {
        $file = Invoke-Inpaint $dog $mask -Provider Test -Model $Model @Given -KeepUnmasked | Save-InpaintImage -Path "$TestDrive/out/"
        $body = @(Send-Emulator 'requests?operation=Submit')[0].body | ConvertFrom-Json
        $body.psobject.Properties.Name | Sort-Object | Should -Be $Fields

        # Repainted where the mask is white, whatever the model's own convention.
        $comparison = Compare-InpaintImage $dog $file -Mask $mask
        $comparison.ChangedPixels | Should -Be 0
        (Compare-InpaintImage $dog $file).ChangedPixels | Should -BeGreaterThan 1000
    }

    It 'refuse what they do not have, and name what they do' {
        { Invoke-Inpaint $dog $mask -Provider Test -Model fal-ai/bria/eraser -Prompt 'a lion' -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidParameter*' -ExpectedMessage '*fal-ai/bria/eraser of Test has no Prompt*'
        { Invoke-Inpaint $dog $mask -Provider Test -Model fal-ai/bria/eraser -Option @{ mask_type = 'auto' } -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidParameter*' -ExpectedMessage '*manual, automatic*'
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'complete by name, and so do their options' {
        (TabExpansion2 'Invoke-Inpaint a.png b.png -Provider Test -Model z-image/turbo/inp').CompletionMatches.CompletionText |
            Should -Be 'fal-ai/z-image/turbo/inpaint', 'fal-ai/z-image/turbo/inpaint/lora'
        (TabExpansion2 'Invoke-Inpaint a.png b.png -Provider Test -Model fal-ai/bria/eraser -Option ').CompletionMatches.ListItemText |
            Should -Contain 'mask_type'
    }
}
