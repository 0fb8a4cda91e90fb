BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')

    # A picture's digest after it was repainted: equal digests mean equal masks.
    function Get-Digest($Result) { ($Result | Save-InpaintImage "$pictures/out/$([guid]::NewGuid()).png" | Get-FileHash).Hash }
}

Describe 'The mask on the line' {
    BeforeEach {
        $pictures = Join-Path $TestDrive ([guid]::NewGuid())
        $dog = New-TestPair -Folder $pictures
        Push-Location $pictures
    }

    AfterEach { Pop-Location }

    It 'is found beside the picture, and named with -Verbose' {
        $expected = Get-Digest (Invoke-Inpaint dog.png dog_mask.png -Seed 1)
        $result, $said = (Invoke-Inpaint dog.png -Seed 1 -Verbose 4>&1).Where({ $_ -is [Inpaint.InpaintResult] }, 'Split')
        Get-Digest $result | Should -Be $expected
        "$said" | Should -Match ([regex]::Escape("The mask of dog.png is $pictures$([IO.Path]::DirectorySeparatorChar)dog_mask.png"))
        Get-Digest ($dog | Invoke-Inpaint -Seed 1) | Should -Be $expected
        Get-Digest ([pscustomobject] @{ Image = 'dog.png'; Mask = ''; Seed = 1 } | Invoke-Inpaint) | Should -Be $expected
        (Start-InpaintJob dog.png).Source | Should -Be $dog.FullName
        Rename-Item dog_mask.png DOG_MASK.PNG
        Get-Digest (Invoke-Inpaint dog.png -Seed 1) | Should -Be $expected
    }

    It 'is told what was looked for, and what helps: <Case>' -ForEach @(
        @{ Case = 'none'; Prepare = { Remove-Item dog_mask.png; 'x' > dog_mask.txt }; Message = 'dog.png has no mask, and there is no dog_mask.* in its folder. Nothing was sent.'; Advice = 'Edit-InpaintMask .*dog.png.*-Rectangle BottomRight,30%,10%' }
        @{ Case = 'two'; Prepare = { Copy-Item dog_mask.png dog_mask.jpg }; Message = 'There are several masks for dog.png: dog_mask.jpg, dog_mask.png. Nothing was sent.'; Advice = '-Mask' }
    ) {
        & $Prepare
        $null = Invoke-Inpaint dog.png -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidParameter.Mask,Inpaint.InvokeInpaintCommand'
        "$($failure[0])" | Should -Be $Message
        $failure[0].ErrorDetails.RecommendedAction | Should -Match $Advice
    }

    It 'is not looked for beside what is no file' {
        $first = Invoke-Inpaint dog.png
        foreach ($picture in $first, [IO.File]::ReadAllBytes($dog)) {
            { Invoke-Inpaint -Image $picture -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.Mask,*' -ExpectedMessage '*is not a file in whose folder one could be found*'
        }
    }

    It 'lets masks in a listing be' {
        $null = New-TestPair -Folder $pictures -Name cat -Shade 3
        $results = Get-ChildItem *.png | Invoke-Inpaint -WarningVariable warnings
        $results.Job.Source | Sort-Object | Should -Be (Join-Path $pictures cat.png), $dog.FullName
        (Invoke-Inpaint -Path *.png).Job.Source | Sort-Object | Should -Be (Join-Path $pictures cat.png), $dog.FullName
        $warnings | Should -BeNullOrEmpty
    }

    It 'is made of shapes: <Shapes>' -ForEach @(
        @{ Shapes = @{ Rectangle = '24,24,16,16' } }
        @{ Shapes = @{ Rectangle = 'Center,25%,25%' } }
        @{ Shapes = @{ Rectangle = '37.5%', '37.5%', '25%', '25%' } }
        @{ Shapes = @{ Rectangle = 'Center,8,25%'; Mask = 'dog_mask.png' } }
        @{ Shapes = @{ Rectangle = 'Center,14,14'; Grow = 1; Ellipse = 'Center,6,6' } }
    ) {
        $drawn = Invoke-Inpaint dog.png @Shapes -Seed 1
        $expected = if ($Shapes.Grow) { New-InpaintMask dog.png -Rectangle Center,14,14 -Grow 1 -Path grown.png } else { 'dog_mask.png' }
        Get-Digest $drawn | Should -Be (Get-Digest (Invoke-Inpaint dog.png $expected -Seed 1))
    }

    It 'takes what the shell makes of it without quotes' {
        Get-Digest (Invoke-Inpaint dog.png -Rectangle Center,25%,25% -Seed 1) | Should -Be (Get-Digest (Invoke-Inpaint dog.png -Seed 1))
        Get-Digest (Invoke-Inpaint dog.png -Rectangle 37.5%,37.5%,25%,25% -Seed 1) | Should -Be (Get-Digest (Invoke-Inpaint dog.png -Seed 1))
        Get-Digest ([pscustomobject] @{ Image = 'dog.png'; Rectangle = 'Center,25%,25%'; Seed = 1 } | Invoke-Inpaint) | Should -Be (Get-Digest (Invoke-Inpaint dog.png -Seed 1))
    }

    It 'is made of a colour' {
        $mask = New-InpaintMask dog.png -Color '#404040' -Tolerance 20 -Grow 1 -Path gray.png
        Get-Digest (Invoke-Inpaint dog.png -Color '#444' -Tolerance 24 -Seed 1) | Should -Not -Be (Get-Digest (Invoke-Inpaint dog.png $mask -Seed 1))
        Get-Digest (Invoke-Inpaint dog.png -Color '#404040' -Tolerance 20 -Grow 1 -Seed 1) | Should -Be (Get-Digest (Invoke-Inpaint dog.png $mask -Seed 1))
        Get-Digest (Invoke-Inpaint dog.png -Color Gray -Tolerance 20 -Seed 1) | Should -Be (Get-Digest (Invoke-Inpaint dog.png -Color '#808080' -Tolerance 20 -Seed 1))
    }

    It 'refuses <Arguments> with <ErrorId>' -ForEach @(
        @{ Arguments = @{ Rectangle = 'Middle,1,1' }; ErrorId = 'InvalidParameter.Rectangle' }
        @{ Arguments = @{ Ellipse = '1,2,3' }; ErrorId = 'InvalidParameter.Ellipse' }
        @{ Arguments = @{ Color = 'reddish' }; ErrorId = 'InvalidParameter.Color' }
        @{ Arguments = @{ Tolerance = 5 }; ErrorId = 'InvalidParameter.Tolerance' }
        @{ Arguments = @{ Rectangle = '100,100,5,5' }; ErrorId = 'MaskEmpty' }
    ) {
        { Invoke-Inpaint dog.png @Arguments -ErrorAction Stop } | Should -Throw -ErrorId "$ErrorId,Inpaint.InvokeInpaintCommand"
    }

    It 'says what marks nothing or everything, which is in no file: <Arguments>' -ForEach @(
        @{ Arguments = @{ Rectangle = '100,100,5,5' }; Id = 'MaskEmpty'; Said = '*The shapes mark nothing of dog.png, which is 64x64.*'; Advice = 'Specify shapes that lie within the picture.' }
        @{ Arguments = @{ Color = 'red'; Tolerance = 3 }; Id = 'MaskEmpty'; Said = '*The colour #ff0000 with tolerance 3 marks nothing of dog.png*'; Advice = 'Specify a colour of the picture, or a larger tolerance.' }
        @{ Arguments = @{ Rectangle = '0,0,100%,100%' }; Id = 'MaskFull'; Said = '*The shapes mark all of dog.png*'; Advice = 'Specify smaller shapes.' }
    ) {
        Invoke-Inpaint dog.png @Arguments -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be "$Id,Inpaint.InvokeInpaintCommand"
        "$($failed[0])" | Should -BeLike $Said
        "$($failed[0])" | Should -Not -Match '_mask'
        $failed[0].ErrorDetails.RecommendedAction | Should -Match $Advice
    }

    It 'fills from a point with New-InpaintMask' {
        $null = New-InpaintMask -Size 64x64 -Rectangle '8,8,16,16', '40,40,4,4' -Path white.png
        (Test-InpaintMask dog.png (New-InpaintMask white.png -From 10,10 -Path one.png) -Detailed).RegionCount | Should -Be 1
        (Test-InpaintMask dog.png one.png -Detailed).BoundingBox.ToString() | Should -Be '16x16 at 8,8'
        (Test-InpaintMask dog.png (New-InpaintMask white.png -From '10,10', '41,41' -Path two.png) -Detailed).RegionCount | Should -Be 2
        { New-InpaintMask white.png -From 64,0 -Path never.png -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.From,*'
        { New-InpaintMask white.png -From here -Path never.png -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.From,*'
        'never.png' | Should -Not -Exist
    }
}
