BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $mask = Join-Path $pictures 'dog_mask.png'
    $null = New-TestPicture -Path "$pictures/wide.png" -Width 80 -Height 40
    $null = New-TestPicture -Path "$pictures/empty.png" -Kind Empty
    $null = New-TestPicture -Path "$pictures/full.png" -Kind Full
    Set-Content "$pictures/text.png" 'This is not a picture.'

    # The one error that a line gives.
    function Get-Failure([scriptblock] $Line) {
        $errors = @(& { $ErrorActionPreference = 'Continue'; & $Line } 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        $errors | Should -HaveCount 1
        $errors[0]
    }
}

Describe 'Invoke-Inpaint with Local' {
    It 'gives a result with everything said of it' {
        $result = Invoke-Inpaint $dog $mask -Seed 42 -Count 2
        $result | Should -BeOfType Inpaint.InpaintResult
        $result.Images | Should -HaveCount 2
        $result.Seed | Should -Be 42
        $result.Job.State | Should -Be 'Completed'
        $result.Job.Provider | Should -Be 'Local'
        $result.HasNsfwConcepts -contains $true | Should -BeFalse
        $result.Images[0].Width | Should -Be 64
    }

    It 'gives the same bytes for the same seed' {
        $hashes = 1..2 | ForEach-Object { (Invoke-Inpaint $dog $mask -Seed 5 | Save-InpaintImage -Path "$TestDrive/same$_.png" | Get-FileHash).Hash }
        $hashes[0] | Should -Be $hashes[1]
    }

    It 'says that the prompt is ignored' {
        $null = Invoke-Inpaint $dog $mask -Prompt 'a lion' -Provider Local -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'prompt'
    }

    It 'tells its timeline with -Verbose' {
        $lines = Invoke-Inpaint $dog $mask -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        ($lines -join "`n") | Should -Match 'accepted'
    }

    It 'is shown as a table that begins with the picture' {
        $text = Invoke-Inpaint $dog $mask -Seed 42 | Format-Table | Out-String -Width 200
        $text | Should -Match 'Picture\s+State\s+Provider\s+Took\s+Cost\s+Images\s+Size\s+Prompt\s+Model\s+Seed'
        $text | Should -Match '(?m)^dog\.png\s+Completed\s+Local\s+[\d.]+s\s+1\s+64x64\s+\S+\s+42'
    }

    It 'makes many jobs of many pictures' {
        1..12 | ForEach-Object { $null = New-TestPicture -Path "$pictures/many$_.png" -Shade $_ }
        $results = Get-ChildItem "$pictures/many*.png" | Invoke-Inpaint -Mask $mask -ThrottleLimit 3
        $results | Should -HaveCount 12
        $results.Job.Id | Sort-Object -Unique | Should -HaveCount 12
    }

    It 'lets one bad item be, and does the rest' {
        $results = $dog.FullName, "$pictures/none.png", $dog.FullName | Invoke-Inpaint -Mask $mask -ErrorVariable failures -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        $failures | Should -HaveCount 1
        $failures[0].TargetObject | Should -Be "$pictures/none.png"
    }

    It 'stops at the first error when told so' {
        { $dog.FullName, "$pictures/none.png" | Invoke-Inpaint -Mask $mask -ErrorAction Stop } | Should -Throw -ErrorId 'ImageNotFound,Inpaint.InvokeInpaintCommand'
    }
}

Describe 'Bad input' {
    It '<Case> gives <ErrorId>' -ForEach @(
        @{ Case = 'a missing file'; ErrorId = 'ImageNotFound'; Category = 'ObjectNotFound'; Line = { Invoke-Inpaint "$pictures/none.png" $mask } }
        @{ Case = 'a path on a drive that does not exist'; ErrorId = 'ImageNotFound'; Category = 'ObjectNotFound'; Line = { Invoke-Inpaint 'nodrive:\a.png' $mask } }
        @{ Case = 'a path that is not in the file system'; ErrorId = 'ImageNotFound'; Category = 'ObjectNotFound'; Line = { Invoke-Inpaint 'Env:\PATH' $mask } }
        @{ Case = 'a folder as picture'; ErrorId = 'ImageNotFound'; Category = 'ObjectNotFound'; Line = { Invoke-Inpaint $pictures $mask } }
        @{ Case = 'a missing mask'; ErrorId = 'ImageNotFound'; Category = 'ObjectNotFound'; Line = { Invoke-Inpaint $dog "$pictures/none.png" } }
        @{ Case = 'a file that is not a picture'; ErrorId = 'ImageUnsupported'; Category = 'InvalidData'; Line = { Invoke-Inpaint "$pictures/text.png" $mask } }
        @{ Case = 'a mask of another size'; ErrorId = 'MaskSizeMismatch'; Category = 'InvalidData'; Line = { Invoke-Inpaint "$pictures/wide.png" $mask } }
        @{ Case = 'an empty mask'; ErrorId = 'MaskEmpty'; Category = 'InvalidData'; Line = { Invoke-Inpaint $dog "$pictures/empty.png" } }
        @{ Case = 'a full mask'; ErrorId = 'MaskFull'; Category = 'InvalidData'; Line = { Invoke-Inpaint $dog "$pictures/full.png" } }
        @{ Case = 'a count out of range'; ErrorId = 'InvalidParameter'; Category = 'InvalidArgument'; Line = { Invoke-Inpaint $dog $mask -Count 99 } }
        @{ Case = 'an unknown provider'; ErrorId = 'ProviderNotFound'; Category = 'ObjectNotFound'; Line = { Invoke-Inpaint $dog $mask -Provider Nobody } }
        @{ Case = 'an unknown size'; ErrorId = 'InvalidParameter'; Category = 'InvalidArgument'; Line = { Invoke-Inpaint $dog $mask -Size gigantic } }
        @{ Case = 'an unknown format'; ErrorId = 'InvalidParameter'; Category = 'InvalidArgument'; Line = { Invoke-Inpaint $dog $mask -OutputFormat bmp } }
        @{ Case = 'a parameter that the provider does not have'; ErrorId = 'InvalidParameter'; Category = 'InvalidArgument'; Line = { Invoke-Inpaint $dog $mask -GuidanceScale 3 } }
    ) {
        $failure = Get-Failure $Line
        $failure.FullyQualifiedErrorId | Should -BeLike "$ErrorId*,Inpaint.InvokeInpaintCommand"
        $failure.CategoryInfo.Category | Should -Be $Category
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $failure.TargetObject | Should -Not -BeNullOrEmpty
    }
}

Describe 'A picture that is its own mask' {
    BeforeAll {
        $twins = Join-Path $TestDrive 'twins'
        $ball = New-TestPair -Folder $twins -Name ball
        $null = New-TestPair -Folder $twins -Name cube -Shade 4
        Copy-Item $ball "$twins/copy.png"
        if (-not $IsWindows) { $null = New-Item -ItemType SymbolicLink "$twins/link.png" -Target $ball.FullName }
        $jobs = @(Get-InpaintStatus -All).Count
    }

    It 'is refused before anything is sent: <Case>' -ForEach @(
        @{ Case = 'one path'; Line = { Invoke-Inpaint $ball $ball } }
        @{ Case = 'a script block that changes nothing'; Line = { $ball | Invoke-Inpaint -Mask { $_ -replace '\.jpg$', '_mask.png' } } }
        @{ Case = 'a single picture in the pipeline'; Line = { $ball | Invoke-Inpaint -Mask $ball } }
        @{ Case = 'a row'; Line = { [pscustomobject] @{ Image = $ball; Mask = $ball } | Start-InpaintJob } }
        @{ Case = 'a copy'; Line = { Invoke-Inpaint $ball "$twins/copy.png" } }
        @{ Case = 'a link'; Line = { Invoke-Inpaint $ball "$twins/link.png" } }
        @{ Case = 'bytes'; Line = { Invoke-Inpaint ([IO.File]::ReadAllBytes($ball)) $ball -WhatIf } }
        @{ Case = 'an address'; Line = { Invoke-Inpaint https://pictures.example/a.png https://pictures.example/a.png -Prompt x -Provider Fal -ApiKey k } }
    ) {
        $failure = Get-Failure $Line
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidParameter.Mask,Inpaint.*Command'
        "$failure" | Should -Match 'mask.*Nothing was sent'
        @(Get-InpaintStatus -All).Count | Should -Be $jobs
        $null = Test-InpaintMask $ball $ball -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -Match 'is specified both as the picture and as its mask'
    }

    It 'is skipped in a listing, with a note' {
        $results = Get-ChildItem $twins/ball*.png | Invoke-Inpaint -Mask $twins/ball_mask.png -WarningVariable said -WarningAction SilentlyContinue -ErrorAction Stop
        $results.Job.Source | Should -Be $ball.FullName
        "$said" | Should -Be 'ball_mask.png is the mask, and is skipped among the pictures.'
    }

    It 'is skipped in a listing whose masks are found by name' {
        $results = Get-ChildItem $twins/ball*.png, $twins/cube*.png | Invoke-Inpaint -Mask { $_ -replace '\.png$', '_mask.png' } -WarningVariable said -WarningAction SilentlyContinue -ErrorAction Stop
        $results | Should -HaveCount 2
        $said | Should -HaveCount 2
        "$said" | Should -Match 'cube_mask.png has the name of another picture.s mask, and is skipped'
    }

    It 'is repainted where it is transparent' {
        $hole = Join-Path $PSScriptRoot '../samples/pictures/ball.png'
        Invoke-Inpaint $hole $hole -MaskMode Alpha -ErrorVariable failure -ErrorAction SilentlyContinue
        "$failure" | Should -Match 'has no transparency'
    }
}

Describe '-WhatIf' {
    It 'makes no job' {
        $before = @(Get-InpaintStatus -All).Count
        Invoke-Inpaint $dog $mask -WhatIf | Should -BeNullOrEmpty
        Start-InpaintJob $dog $mask -WhatIf | Should -BeNullOrEmpty
        @(Get-InpaintStatus -All).Count | Should -Be $before
    }

    It 'still says what is wrong' {
        { Invoke-Inpaint "$pictures/wide.png" $mask -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId 'MaskSizeMismatch,*'
    }

    It 'speaks of no cost where there is none' {
        $text = [powershell]::Create().AddScript({
                param($module, $dog, $mask)
                Import-Module $module
                Invoke-Inpaint $dog $mask -Confirm:$false -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
            }).AddArgument((Get-ModulePath)).AddArgument($dog.FullName).AddArgument($mask).Invoke() -join "`n"
        $text | Should -Match '"Run a job: 1 image of less than 0\.01 megapixels" on target "dog\.png -> Local"'
        $text | Should -Not -Match '\$'
    }
}
