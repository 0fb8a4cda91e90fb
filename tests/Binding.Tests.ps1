BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../out/Inpaint/Inpaint.psd1')
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $cat = New-TestPair -Folder $pictures -Name cat -Shade 5
    $mask = Join-Path $pictures 'dog_mask.png'
    $expected = (Invoke-Inpaint $dog -Mask $mask -Seed 7 | Save-InpaintImage -Path "$TestDrive/expected.png" | Get-FileHash).Hash

    # The picture that a result shows, as a digest: equal digests mean that the same picture and mask went in.
    function Get-Digest($Result) {
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).png"
        ($Result | Save-InpaintImage -Path $file | Get-FileHash).Hash
    }
}

Describe 'The file or folder to write' {
    It 'is -OutPath for <_>' -ForEach 'Invoke-Inpaint', 'New-InpaintImage', 'Save-InpaintImage', 'New-InpaintMask', 'Edit-InpaintMask', 'Export-InpaintGallery' {
        (Get-Command $_).Parameters.Values.Where({ $_.Name -eq 'OutPath' -or $_.Aliases -contains 'OutPath' }) | Should -HaveCount 1
    }

    It 'is taken by -OutPath' {
        (New-InpaintMask $dog -Rectangle 10, 10, 20, 20 -OutPath "$TestDrive/by-out-path.png").FullName | Should -Be (Get-Item "$TestDrive/by-out-path.png").FullName
    }
}

Describe 'A picture may be given as' {
    It 'a path' {
        Get-Digest (Invoke-Inpaint $dog.FullName $mask -Seed 7) | Should -Be $expected
    }

    It 'a path relative to the shell''s location, which is not the process''s' {
        Push-Location $pictures
        try {
            [Environment]::CurrentDirectory | Should -Not -Be $pictures
            Get-Digest (Invoke-Inpaint dog.png -Mask ./dog_mask.png -Seed 7) | Should -Be $expected
        }
        finally { Pop-Location }
    }

    It 'a path on a PowerShell drive' {
        $null = New-PSDrive -Name Shots -PSProvider FileSystem -Root $pictures
        Get-Digest (Invoke-Inpaint Shots:\dog.png -Mask Shots:\dog_mask.png -Seed 7) | Should -Be $expected
    }

    It 'a path that the shell understands, with the same meaning, in <_>' -ForEach 'a folder', 'a drive', 'the root' {
        $null = New-PSDrive -Name Place -PSProvider FileSystem -Root $TestDrive
        $read = [Inpaint.Binding.PictureSourceTransformationAttribute]::new()
        Push-Location @{ 'a folder' = $pictures; 'a drive' = 'Place:/'; 'the root' = '/' }[$_]
        try {
            foreach ($text in 'a.png', 'a/b.png', './a.png', '../a.png', '../../../../../a.png', 'a/../b.png', 'a/./b.png', '.', '..', './', '../', 'a/', 'a//b.png', '~', '~/a.png', 'a~', 'a/~/b.png',
                '/a.png', '/a/../b.png', '/a/', 'a [1].png', '*.png', 'a\b.png', 'Place:/a.png', 'Place:a.png', 'FileSystem::/a.png', '.a', '...', 'a.', '$a.png', '%41.png', 'ä.png') {
                $expected = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($text)
                $read.Transform($ExecutionContext, $text).FilePath | Should -BeExactly $expected -Because $text
            }
        }
        finally { Pop-Location; Remove-PSDrive Place }
    }

    It 'a path, but not outside the file system' {
        Push-Location Env:
        try { Invoke-Inpaint dog.png $mask -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty }
        finally { Pop-Location }
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ImageNotFound,*'
    }

    It 'a path with wildcard characters in it, taken literally' {
        $odd = Join-Path $TestDrive 'odd [1]'
        $null = New-TestPair -Folder $odd
        Get-Digest (Invoke-Inpaint "$odd/dog.png" -Mask "$odd/dog_mask.png" -Seed 7) | Should -Be $expected
    }

    It 'a file object' {
        Get-Digest (Invoke-Inpaint -Image $dog -Mask (Get-Item $mask) -Seed 7) | Should -Be $expected
    }

    It 'a file object in the pipeline, whose size is not taken for -Size' {
        Get-Digest ($dog | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $expected
    }

    It 'text that was copied with quotes around it, as a file manager does' {
        Get-Digest ("`"$($dog.FullName)`"" | Invoke-Inpaint -Mask "`"$mask`"" -Seed 7) | Should -Be $expected
    }

    It 'text of a clipboard: lines, with white space or quotes around them, URLs of files, or all in one' {
        $lines = " $($dog.FullName) ", "`"$($dog.FullName)`"`r", [System.UriBuilder]::new('file', '', 0, $dog.FullName).Uri.AbsoluteUri
        $results = $lines | Invoke-Inpaint -Mask $mask -Seed 7
        $results | Should -HaveCount 3
        $results | ForEach-Object { Get-Digest $_ } | Should -Be $expected, $expected, $expected
        $all = "$($lines -join "`n")`n" | Invoke-Inpaint -Mask $mask -Seed 7
        $all | ForEach-Object { Get-Digest $_ } | Should -Be $expected, $expected, $expected
        # A line that is wrong is one error, and a blank one is nothing at all.
        $rest = "nowhere.png`n`n$($dog.FullName)", '', ' ' | Invoke-Inpaint -Mask $mask -Seed 7 -ErrorVariable failed -ErrorAction SilentlyContinue -WarningVariable said -WarningAction SilentlyContinue
        $rest | Should -HaveCount 1
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId, "$($failed[0].TargetObject)" | Should -Be 'ImageNotFound,Inpaint.InvokeInpaintCommand', 'nowhere.png'
        $said | Should -HaveCount 2
        "$($said[0])" | Should -Match '^Item \d+ is blank'
        ("$($dog.FullName)`n$($dog.FullName)" | Test-InpaintMask -Mask $mask) | Should -Be $true, $true
        ("$($dog.FullName)`n" | New-InpaintMask -Rectangle 1,1,9,9 -Path $TestDrive/listed/).Name | Should -Be 'dog_mask.png'
        ("$($dog.FullName)`n" | Show-InpaintImage) | Should -Match 'dog\.png'
    }

    It 'a file whose name has white space around it, or several lines' -Skip:$IsWindows {
        foreach ($name in ' dog.png ', "dog`n2.png") {
            Copy-Item $dog "$TestDrive/$name"
            Get-Digest ("$TestDrive/$name" | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $expected
        }
    }

    It 'text in the pipeline' {
        Get-Digest ($dog.FullName | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $expected
    }

    It 'bytes' {
        [byte[]] $bytes = [IO.File]::ReadAllBytes($dog)
        Get-Digest (Invoke-Inpaint -Image $bytes -Mask ([IO.File]::ReadAllBytes($mask)) -Seed 7) | Should -Be $expected
        Get-Digest (, $bytes | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $expected
        Get-Digest (Invoke-Inpaint -Image (Get-Content $dog -AsByteStream) -Mask $mask -Seed 7) | Should -Be $expected
    }

    It 'a data URI' {
        $uri = "data:image/png;base64,$([Convert]::ToBase64String([IO.File]::ReadAllBytes($dog)))"
        Get-Digest (Invoke-Inpaint -Image $uri -Mask $mask -Seed 7) | Should -Be $expected
    }

    It 'a data URI that is broken, and one that is none: each an error of its item alone' {
        $results = 'data:image/png;base64,%%%', $dog.FullName, 'data:text/plain,x', 'https://' | Invoke-Inpaint -Mask $mask -Seed 7 -ErrorVariable failures -ErrorAction SilentlyContinue
        Get-Digest $results | Should -Be $expected
        $failures.FullyQualifiedErrorId | Should -Be 'ImageUnsupported,Inpaint.InvokeInpaintCommand', 'ImageUnsupported,Inpaint.InvokeInpaintCommand', 'ImageNotFound,Inpaint.InvokeInpaintCommand'
        { Invoke-Inpaint -Image $dog -Mask 'data:image/png;base64,%%%' -ErrorAction Stop } | Should -Throw -ErrorId 'ImageUnsupported,*'
    }

    It 'a file: address, also as Uri' {
        Get-Digest (Invoke-Inpaint -Image ([uri] $dog.FullName) -Mask "file://$mask" -Seed 7) | Should -Be $expected
    }

    It 'nothing else: <_>' -ForEach 5, @{ a = 1 } {
        { Invoke-Inpaint -Image $_ -Mask $mask -ErrorAction Stop } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,Inpaint.InvokeInpaintCommand'
    }
}

Describe 'A delay-bind script block' {
    It 'gives each picture its own mask' {
        $results = Get-ChildItem $pictures -Filter *.png | Where-Object Name -NotLike *_mask.png | Invoke-Inpaint -Mask { $_ -replace '\.png$', '_mask.png' } -Seed 7
        $results | Should -HaveCount 2
        Get-Digest ($results | Where-Object { $_.Job.Source -like '*dog.png' }) | Should -Be $expected
    }

    It 'may give any parameter, also for an earlier result' {
        $first = Invoke-Inpaint $dog $mask -Seed 3
        ($first | Invoke-Inpaint -Mask $mask -Seed { $_.Seed + 1 }).Seed | Should -Be 4
    }
}

Describe 'Rows of a CSV file' {
    It 'bind by their columns, and empty cells count as not given' {
        @"
Image,Mask,Prompt,Seed,Count,Strength,NegativePrompt
$($dog.FullName),$mask,a lion,7,,,
$($cat.FullName),$mask,,,2,,
"@ | Set-Content "$TestDrive/jobs.csv"
        $results = Import-Csv "$TestDrive/jobs.csv" | Invoke-Inpaint -Provider Local -WarningAction SilentlyContinue -ThrottleLimit 1
        $results | Should -HaveCount 2
        $results[0].Seed | Should -Be 7
        Get-Digest $results[0] | Should -Be $expected
        $results[0].Job.Prompt | Should -Be 'a lion'
        $results[0].Images | Should -HaveCount 1
        $results[1].Images | Should -HaveCount 2
    }

    It 'bind by other names of the picture too: <_>' -ForEach 'Path', 'FullName', 'PSPath', 'LiteralPath' {
        Get-Digest ([pscustomobject] @{ $_ = $dog.FullName; Mask = $mask; Seed = '7' } | Invoke-Inpaint) | Should -Be $expected
    }

    It 'give one error for a row without a picture, naming the row, and the rest go on' {
        $rows = [pscustomobject] @{ Image = $dog.FullName; Mask = $mask }, [pscustomobject] @{ Image = ''; Mask = $mask }, [pscustomobject] @{ Image = $cat.FullName; Mask = $mask }
        $results = $rows | Invoke-Inpaint -ErrorVariable failures -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        $failures | Should -HaveCount 1
        $failures[0].TargetObject | Should -Be $rows[1]
    }

    It 'say what a switch is in every word for it: <Word>' -ForEach @(
        @{ Word = 'yes'; Given = $true }, @{ Word = 'TRUE'; Given = $true }, @{ Word = '1'; Given = $true }
        @{ Word = 'no'; Given = $false }, @{ Word = 'false'; Given = $false }, @{ Word = '0'; Given = $false }, @{ Word = ''; Given = $false }
    ) {
        # A mask of another size is refused unless it is scaled.
        $small = New-TestPicture -Path "$pictures/small.png" -Width 32 -Height 32 -Kind Mask
        $results = 'Image,Mask,ResizeMask', "$dog,$small,$Word" | ConvertFrom-Csv | Invoke-Inpaint -ErrorAction SilentlyContinue
        @($results).Count | Should -Be ([int] $Given)
    }

    It 'take a switch that is left out for not given, and the line before the row' {
        $small = New-TestPicture -Path "$pictures/small.png" -Width 32 -Height 32 -Kind Mask
        $rows = 'Image,Mask,ResizeMask', "$dog,$small,no" | ConvertFrom-Csv
        $rows | Invoke-Inpaint -ResizeMask | Should -HaveCount 1
        $rows = 'Image,Mask,NoSafetyChecker', "$dog,$mask,", "$dog,$mask,no" | ConvertFrom-Csv
        $results = $rows | Invoke-Inpaint -ErrorVariable failures -ErrorAction SilentlyContinue
        $results | Should -HaveCount 1
        "$failures" | Should -Match 'Local has no NoSafetyChecker'
    }

    It 'read a number by the same rules in every country, and name row and column of one that is none' {
        $rows = 'Image,Mask,Seed,GuidanceScale,Lora', "$dog,$mask,7,,", "$cat,$mask,,`"3,5`",", "$cat,$mask,,,`"path=0,8`"", "$cat,$mask,1.5,," | ConvertFrom-Csv
        $results = $rows | Invoke-Inpaint -Provider Local -ErrorVariable failures -ErrorAction SilentlyContinue
        $results.Seed | Should -Be 7
        $failures | Should -HaveCount 3
        $failures[0].FullyQualifiedErrorId | Should -Be 'InvalidParameter.GuidanceScale,Inpaint.InvokeInpaintCommand'
        $failures[0].TargetObject | Should -Be $rows[1]
        "$($failures[0])" | Should -Be "Row 2 (cat.png), column GuidanceScale: '3,5' cannot be read as a number with a decimal point, such as 3.5. Nothing was sent."
        "$($failures[1])" | Should -Match "'path=0,8' is not a LoRA"
        "$($failures[2])" | Should -Match "Row 4 \(cat.png\), column Seed: '1.5' cannot be read as a whole number"
        { Invoke-Inpaint $dog $mask -MaximumCost '3,5' } | Should -Throw -ErrorId 'InvalidParameter.MaximumCost,*'
        { Invoke-Inpaint $dog $mask -Count 2.5 } | Should -Throw -ErrorId 'InvalidParameter.Count,*'
        (Invoke-Inpaint $dog $mask -Seed 7.0).Seed | Should -Be 7
    }

    It 'warn once of a column that looks like a parameter and is not read' {
        $rows = 'Image,Mask,Guidance Scale,Strenght,ThrottleLimit,Comment,OutPath,Title', "$dog,$mask,1,1,2,x,a.png,t", "$cat,$mask,1,1,2,x,b.png,t" | ConvertFrom-Csv
        $rows | Invoke-Inpaint -WarningVariable said -WarningAction SilentlyContinue | Should -HaveCount 2
        $said | Should -HaveCount 3
        "$said" | Should -Match "'Guidance Scale' is ignored. Did you mean GuidanceScale\?"
        "$said" | Should -Match "'Strenght' is ignored. Did you mean Strength\?"
        "$said" | Should -Match 'ThrottleLimit is ignored, because -ThrottleLimit is specified for all rows'
    }

    It 'name the files of their results, also in another session' {
        $rows = 'Image,Mask,Seed,OutPath,Title,ApiKey', "$dog,$mask,7,one.jpg,Hund,canary", "$cat,$mask,8,sub/two.png,,canary" | ConvertFrom-Csv
        $out = Join-Path $TestDrive 'rows'
        $results = $rows | Invoke-Inpaint -ThrottleLimit 1 -WarningAction SilentlyContinue
        $files = $results | Save-InpaintImage "$out/"
        $files.FullName | Sort-Object | Should -Be @("$out/one.jpg", "$out/sub/two.png")
        [IO.File]::ReadAllBytes("$out/one.jpg")[0..1] | Should -Be 0xFF, 0xD8
        ($results | Save-InpaintImage "$out/" -Name '{Title}' -WarningAction SilentlyContinue).Name | Sort-Object | Should -Be @('cat-inpaint.png', 'Hund.png')
        $results | Export-Clixml "$TestDrive/rows.xml"
        (Import-Clixml "$TestDrive/rows.xml" | Save-InpaintImage "$TestDrive/rows2/").Name | Sort-Object | Should -Be @('one.jpg', 'two.png')
        ($rows[0] | Start-InpaintJob | ConvertTo-Json | ConvertFrom-Json | Save-InpaintImage "$TestDrive/rows3/").Name | Should -Be 'one.jpg'
        Get-ChildItem $env:INPAINT_HOME -Recurse -File | Select-String canary | Should -BeNullOrEmpty
        $rows[1].OutPath = '../out.png'
        $rows[1] | Invoke-Inpaint -WarningAction SilentlyContinue | Save-InpaintImage "$out/" -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        "$failure" | Should -Match 'OutPath'
    }

    It 'give one error for a value that makes no sense, and no job: <_>' -ForEach 'Seed', 'Count', 'Strength', 'MaskMode', 'Size' {
        $rows = [pscustomobject] @{ Image = $dog.FullName; Mask = $mask; $_ = 'many' }, [pscustomobject] @{ Image = $dog.FullName; Mask = $mask; Seed = '7' }
        $results = $rows | Invoke-Inpaint -ErrorVariable failures -ErrorAction SilentlyContinue
        $results | Should -HaveCount 1
        $results[0].Seed | Should -Be 7
        $failures | Should -HaveCount 1
    }

    It 'name what would make sense, where that can be counted' {
        { Invoke-Inpaint $dog -Mask $mask -MaskMode Transparent } | Should -Throw "*'Transparent' cannot be read as MaskMode, which is one of White, Black, Alpha.*"
    }
}

Describe 'A parameter that takes text' {
    It 'evaluates a script block for each item, or refuses it: <_>' -ForEach @(
        (Get-Command -Module Inpaint -CommandType Cmdlet).Name
    ) {
        $command = Get-Command $_
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        $texts = $command.Parameters.Values | Where-Object { $_.Name -notin $common -and $_.ParameterType -in [string], [string[]], [uri], [object], [object[]] }
        foreach ($parameter in $texts) {
            $isPiped = $parameter.ParameterSets.Values | Where-Object { $_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName }
            $evaluates = $isPiped -and $parameter.ParameterType -notin [object], [object[]]
            $transformation = $parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ArgumentTransformationAttribute] }
            if (-not $evaluates) {
                $because = "-$($parameter.Name) of $($command.Name) would take a block's text for its value"
                $transformation | Should -Not -BeNullOrEmpty -Because $because
                { $transformation.Transform($ExecutionContext, { $_.Name }) } | Should -Throw -Because $because
            }
        }
    }

    It 'refuses a block where nothing comes through the pipeline' {
        { Invoke-Inpaint $dog $mask -Prompt { $_.Name } } | Should -Throw -ErrorId 'ScriptBlockArgumentNoInput,*'
        { Compare-InpaintImage $dog $dog -DifferencePath { 'x' } } | Should -Throw
    }
}

Describe 'An earlier result' {
    BeforeAll {
        $first = Invoke-Inpaint $dog $mask -Prompt 'first' -Provider Local -Seed 11 -WarningAction SilentlyContinue
        $again = (Invoke-Inpaint $first.Images[0] $mask -Seed 7)
        $chained = Get-Digest $again
    }

    It 'stands for its picture alone: neither its seed nor its prompt is taken' {
        $next = $first | Invoke-Inpaint -Mask $mask
        $next.Seed | Should -Not -Be 11
        $next.Job.Prompt | Should -BeNullOrEmpty
    }

    It 'does not outweigh what the line says' {
        Get-Digest ($first | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $chained
        Get-Digest ($first.Images | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $chained
    }

    It 'takes what a script has noted on it' {
        ($first | Add-Member -NotePropertyName Seed -NotePropertyValue 8 -Force -PassThru | Invoke-Inpaint -Mask $mask).Seed | Should -Be 8
    }

    It 'works when it came back from JSON' {
        $back = $first | ConvertTo-Json -Depth 5 | ConvertFrom-Json
        Get-Digest ($back | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $chained
        Get-Digest ($back.Images[0] | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $chained
        ($back | Invoke-Inpaint -Mask $mask).Seed | Should -Not -Be 11
    }

    It 'works when it came back from JSON of the default depth' {
        Get-Digest ($first | ConvertTo-Json -WarningAction SilentlyContinue | ConvertFrom-Json | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $chained
    }

    It 'works when it came back from Clixml' {
        $first | Export-Clixml "$TestDrive/result.xml"
        Get-Digest (Import-Clixml "$TestDrive/result.xml" | Invoke-Inpaint -Mask $mask -Seed 7) | Should -Be $chained
    }

    It 'can be a column of a row whose other columns count' {
        $row = [pscustomobject] @{ Image = $first; Mask = $mask; Seed = 7 }
        Get-Digest ($row | Invoke-Inpaint) | Should -Be $chained
    }
}

Describe 'Keys' {
    It 'may be given as text, SecureString or credential' {
        Set-InpaintProvider K1 -Kind Fal -BaseUri https://one.invalid -ApiKey 'secret' -PassThru | ForEach-Object KeySource | Should -Be 'settings'
        Set-InpaintProvider K2 -Kind Fal -BaseUri https://one.invalid -ApiKey (ConvertTo-SecureString 'secret' -AsPlainText) -PassThru | ForEach-Object KeySource | Should -Be 'settings'
        Set-InpaintProvider K3 -Kind Fal -BaseUri https://one.invalid -ApiKey ([pscredential]::new('user', (ConvertTo-SecureString 'secret' -AsPlainText))) -PassThru | ForEach-Object KeySource | Should -Be 'settings'
    }

    It 'do not appear in what a failed binding says' {
        $wrong = @{ key = 'canary-1' }
        $failure = { Set-InpaintProvider K4 -Kind Fal -BaseUri https://one.invalid -ApiKey $wrong } | Should -Throw -PassThru
        $failure | Out-String | Should -Not -Match 'canary'
        $failure.Exception.ToString() | Should -Not -Match 'canary'
    }

    AfterAll {
        'K1', 'K2', 'K3' | Remove-InpaintProvider
    }
}

Describe 'Pictures as paths' {
    BeforeAll {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'odd')
        $odd = New-TestPair -Folder $folder -Name 'a[1]' -Size 16
        $null = New-TestPair -Folder $folder -Name 'a1' -Size 16 -Shade 3
        $oddMask = Join-Path $folder 'a1_mask.png'
        Push-Location $folder
    }

    AfterAll { Pop-Location }

    It 'expands wildcards of -Path, and passes the mask over' {
        $results = Invoke-Inpaint -Path 'a1*.png' -Mask a1_mask.png -Provider Local -WarningVariable warning -WarningAction SilentlyContinue
        Split-Path -Leaf $results.Job.Source | Should -Be 'a1.png'
        "$warning" | Should -Match 'a1_mask\.png is the mask'
        (Invoke-Inpaint -Path 'a[1].png', $dog -Mask $oddMask -Provider Local -ResizeMask).Job.Source | Split-Path -Leaf | Sort-Object | Should -Be 'a1.png', 'dog.png'
    }

    It 'takes -LiteralPath as it is, also from the objects of other commands' {
        (Invoke-Inpaint -LiteralPath 'a[1].png' -Mask $oddMask -Provider Local).Job.Source | Should -Be $odd.FullName
        (Get-Item -LiteralPath $odd | Select-Object PSPath | Invoke-Inpaint -Mask $oddMask -Provider Local).Job.Source | Should -Be $odd.FullName
        ($odd.FullName | Invoke-Inpaint -LiteralPath { $_ } -Mask $oddMask -Provider Local).Job.Source | Should -Be $odd.FullName
    }

    It 'tells what matches no file, and goes on: <Name>' -ForEach @(
        @{ Name = 'Invoke-Inpaint'; Line = { Invoke-Inpaint -Path 'none*.png', a1.png -Mask $oddMask -Provider Local } }
        @{ Name = 'Test-InpaintMask'; Line = { Test-InpaintMask -Path 'none*.png', a1.png -Mask $oddMask } }
        @{ Name = 'Show-InpaintImage'; Line = { Show-InpaintImage -Path 'none*.png', a1.png } }
        @{ Name = 'Compare-InpaintImage'; Line = { Compare-InpaintImage a1.png -Path 'none*.png', a1.png } }
    ) {
        $failures = @()
        $output = @(& $Line 2>&1)
        $failures = @($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        $failures | Should -HaveCount 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'ImageNotFound,Inpaint.*'
        $failures[0].TargetObject | Should -Be 'none*.png'
        $output.Count | Should -BeGreaterThan 1
    }

    It 'takes one kind of input from the pipeline in each parameter set: <_>' -ForEach @((Get-Command -Module Inpaint -CommandType Cmdlet).Name) {
        foreach ($set in (Get-Command $_).ParameterSets) {
            @($set.Parameters | Where-Object ValueFromPipeline).Count | Should -BeLessOrEqual 1 -Because $set.Name
        }
    }

    It 'asks for a picture that is missing by its name, and names the item that has none' {
        $missing = Invoke-ShellProgram -NoProfile -NonInteractive -Command "Import-Module '$(Get-ModulePath)'; Invoke-Inpaint -Mask x" 2>&1 | Out-String
        $missing | Should -Match 'Image'
        $failure = [pscustomobject] @{ Size = '8x8' }, 'a1.png' | Invoke-Inpaint -Mask $oddMask -Provider Local 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }
        "$failure" | Should -BeLike 'Row 1 has no picture.*'
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidParameter.Image,Inpaint.InvokeInpaintCommand'
    }
}
