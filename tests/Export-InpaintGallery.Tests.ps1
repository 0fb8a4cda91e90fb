BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    Push-Location (New-Item -ItemType Directory (Join-Path $TestDrive pictures))
    foreach ($name in 'dog', 'cat') { $null = New-TestPair -Folder $PWD -Name $name }
    $results = 'dog', 'cat' | ForEach-Object { Invoke-Inpaint "$_.png" "${_}_mask.png" -Provider Local -Seed 7 }

    # The items that a page holds.
    function Read-Gallery([string] $Path) {
        $null = (Get-Content -Raw $Path) -match '(?s)<script type="application/json" id="data">(.*?)</script>'
        ($Matches[1] | ConvertFrom-Json).items
    }
}

AfterAll { Pop-Location }

Describe 'Export-InpaintGallery' {
    It 'writes a page of results, and emits its file' {
        $page = $results | Export-InpaintGallery results.html
        $page.FullName | Should -Be (Join-Path $PWD results.html)
        $items = Read-Gallery results.html
        $items.name | Should -Be 'dog.png', 'cat.png'
        $items.state | Should -Be 'done', 'done'
        $items.seed | Should -Be '7', '7'
        $items.before | Should -Be 'dog.png', 'cat.png'
        $items.mask | Should -Be 'dog_mask.png', 'cat_mask.png'
    }

    It 'knows saved files by what is written in them, and links them' {
        $results | Save-InpaintImage -Path out/ -Metadata Embedded | Export-InpaintGallery out/gallery.html
        $items = Read-Gallery out/gallery.html
        $items.picture | Sort-Object | Should -Be 'cat-inpaint.png', 'dog-inpaint.png'
        $items.provider | Should -Be 'Local', 'Local'
        $items.seed | Should -Be '7', '7'
    }

    It 'shows failures with their error and advice' {
        $saved = 'dog.png', 'gone.png' | Invoke-Inpaint -Mask dog_mask.png -Provider Local -Seed 7 -ErrorVariable bad -ErrorAction SilentlyContinue
        @($saved) + $bad | Export-InpaintGallery failed.html
        $items = Read-Gallery failed.html
        $items.state | Should -Be 'done', 'failed'
        $items[1].errorId | Should -Be 'ImageNotFound'
        $items[1].error | Should -Match 'gone\.png'
        $items[1].advice | Should -Not -BeNullOrEmpty
    }

    It 'takes jobs, and what JSON made of results' {
        $results[0].Job | Export-InpaintGallery jobs.html
        (Read-Gallery jobs.html).picture | Should -Not -BeNullOrEmpty
        $results | ConvertTo-Json -Depth 9 | ConvertFrom-Json | Export-InpaintGallery json.html
        Read-Gallery json.html | Should -HaveCount 2
    }

    It 'puts the pictures into the page with -Embed' {
        $null = $results | Export-InpaintGallery embedded.html -Embed
        (Read-Gallery embedded.html).picture | Should -Match '^data:image/png;base64,'
    }

    It 'says InvalidParameter for what is nothing of all this, and goes on' {
        $page = @(42) + $results | Export-InpaintGallery rest.html -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidParameter.InputObject,Inpaint.ExportInpaintGalleryCommand'
        Read-Gallery $page | Should -HaveCount 2
    }

    It 'says <Id> for <Path>, and replaces no picture' -ForEach @(
        @{ Path = 'dog.png'; Id = 'InvalidParameter.Path' }
        @{ Path = 'results-2024.06'; Id = 'InvalidParameter.Path' }
        @{ Path = 'dog.png/page.html'; Id = 'OutputWriteFailed' }
    ) {
        $before = (Get-FileHash dog.png).Hash
        { $results | Export-InpaintGallery $Path -Force } | Should -Throw -ErrorId "$Id,Inpaint.ExportInpaintGalleryCommand"
        (Get-FileHash dog.png).Hash | Should -Be $before
        'results-2024.06' | Should -Not -Exist
    }

    It 'says OutputWriteFailed for a folder that may not be written, before the commands ahead of it begin' -Skip:(-not $IsLinux) {
        { & { throw 'reached' } | Export-InpaintGallery /proc/none/page.html } | Should -Throw -ErrorId 'OutputWriteFailed,Inpaint.ExportInpaintGalleryCommand'
    }

    It 'writes nothing with -WhatIf, over what may not be replaced, or of nothing' {
        $results | Export-InpaintGallery never.html -WhatIf | Should -BeNullOrEmpty
        'never.html' | Should -Not -Exist
        Set-Content there.html x
        { $results | Export-InpaintGallery there.html -NoClobber } | Should -Throw -ErrorId 'OutputExists,Inpaint.ExportInpaintGalleryCommand'
        @() | Export-InpaintGallery never.html -WarningVariable warning -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$warning" | Should -Match 'nothing to show'
    }
}

Describe 'The line that asks for a picture again' {
    BeforeAll {
        $emulator = Start-Emulator
        $hostile = "it's ‘so’ `“too`”; `$(throw 'run') `"x`" ``n`r`n`t`u{2028}`e[31m"

        # The line of a result's first picture, read and run as it is copied from the page.
        function Get-Line($Result) {
            $null = $Result | Export-InpaintGallery line.html
            @(Read-Gallery line.html)[0].line
        }

        function Get-Hash($Result) {
            ($Result.Images | ForEach-Object { (Get-FileHash -LiteralPath ([uri] $_.Url).LocalPath).Hash }) -join ' '
        }
    }

    AfterAll {
        Stop-Emulator
        Get-InpaintProvider Test | Remove-InpaintProvider
    }

    It 'makes the same pictures again, of files and with a prompt of any name and text' {
        $null = New-TestPair -Folder $PWD -Name "a [1] it's ``b"
        $first = Invoke-Inpaint "a [1] it's ``b.png" "a [1] it's ``b_mask.png" -Provider Local -Seed 7 -Count 2 -CropToMask -Padding 8 -Feather 2 -Prompt $hostile -WarningAction SilentlyContinue
        $line = Get-Line $first
        $line | Should -Not -Match '[\p{C}\u2028]'
        $again = & ([scriptblock]::Create($line)) 3> $null
        $again.Prompt | Should -BeExactly $hostile
        $again.Images | Should -HaveCount 2
        Get-Hash $again | Should -Be (Get-Hash $first)
    }

    It 'makes the mask again that was made on the line: <Name>' -ForEach @(
        @{ Name = 'shapes'; Given = @{ Rectangle = 'BottomRight,25%,25%', '4,4,8,8'; Ellipse = '50%,50%,12.5%,12.5%' } }
        @{ Name = 'a colour'; Given = @{ Color = '#070707'; Tolerance = 20; Grow = 1 } }
        @{ Name = 'more around a mask'; Given = @{ Mask = 'dog_mask.png'; MaskMode = 'White'; Grow = 3 } }
        @{ Name = 'shapes beside a mask that is read the other way round'; Given = @{ Mask = 'cat_dark.png'; MaskMode = 'Black'; Rectangle = '0,0,5,5' } }
    ) {
        $null = New-InpaintMask -Mask cat_mask.png -Invert -Path cat_dark.png -WarningAction SilentlyContinue
        $first = Invoke-Inpaint cat.png -Provider Local -Seed 7 @Given -WarningAction SilentlyContinue
        $first.Job.Parameters.NotRecorded | Should -BeNullOrEmpty
        $line = Get-Line $first
        # The mask beside the picture is not the one that was used.
        @(Read-Gallery line.html)[0].mask | Should -BeNullOrEmpty
        $again = & ([scriptblock]::Create($line)) 3> $null
        Get-Hash $again | Should -Be (Get-Hash $first)
        $again.Job.Parameters.MaskRecipe | Should -Be $first.Job.Parameters.MaskRecipe
    }

    It 'finds an object again' {
        Reset-Emulator
        Send-Emulator scripts @{ preset = 'immediate' }
        $null = New-InpaintMask dog.png -Prompt "it's" -Point 8,8, 9,9 -Box 1,2,30,40 -Provider Test -Path found.png -Force -WarningAction SilentlyContinue
        $job = Get-InpaintStatus -All | Where-Object Operation -EQ Segment | Select-Object -First 1
        $line = Get-Line $job
        $line | Should -Match '^New-InpaintMask .*dog\.png'
        $null = & ([scriptblock]::Create("$line -Path found.png -Force")) 3> $null
        $sent = @(Send-Emulator 'requests?operation=Submit')
        $sent | Should -HaveCount 2
        $sent[1].body -replace [regex]::Escape($emulator.Uri) + '/[^"]*' | Should -BeExactly ($sent[0].body -replace [regex]::Escape($emulator.Uri) + '/[^"]*')
    }

    It 'names the seed that the provider chose' {
        $first = Invoke-Inpaint dog.png dog_mask.png -Provider Local
        Get-Hash (& ([scriptblock]::Create((Get-Line $first)))) | Should -Be (Get-Hash $first)
    }

    It 'sends the same request again: <Name>' -ForEach @(
        @{ Name = 'every parameter'; Given = @{
                Strength = 0.7; Steps = 12; GuidanceScale = 4.5; Count = 3; Seed = 196619188014358661; OutputFormat = 'png'; NoSafetyChecker = $true
                Acceleration = 'regular'; Priority = 'low'; StartTimeoutSec = 77; KeepUnmasked = $true; MaskMode = 'Black'; ResizeMask = $true
                Lora = 'https://example.org/a.safetensors=0.8', @{ Path = "b/it's?c=d"; Scale = 0.5 }
                AdditionalBody = @{ extra = @{ nested = 1, 'two', $true, $null, 12345678901234567890123, 0.1 }; empty = @{} }
            }
        }
        @{ Name = 'options'; Given = @{ Model = 'fal-ai/flux-general/inpainting'; Seed = 1; NoSafetyChecker = $false; Size = '512x384'; Option = @{ reference_strength = 0.4; use_real_cfg = $true; RunnerHint = "it's"; controlnets = @(@{ path = 'a/b'; conditioning_scale = 0.5 }); real_cfg_scale = '3.5' } } }
        @{ Name = 'a direct call'; Given = @{ Seed = 2; Synchronous = $true; InlineResult = $true } }
        @{ Name = 'text to image'; Given = @{ Seed = 3; Size = 'square_hd' } }
    ) {
        Reset-Emulator
        Send-Emulator scripts @{ preset = 'immediate' }
        $result = if ($Name -eq 'text to image') { New-InpaintImage $hostile -Provider Test @Given } else { Invoke-Inpaint dog.png dog_mask.png -Prompt $hostile -Provider Test @Given 3> $null }
        $null = & ([scriptblock]::Create((Get-Line $result))) 3> $null
        $sent = @(Send-Emulator 'requests?operation=Submit') + @(Send-Emulator 'requests?operation=Run') | Where-Object { $_ }
        $sent | Should -HaveCount 2
        $bodies = $sent.body -replace [regex]::Escape($emulator.Uri) + '/[^"]*'
        $bodies[1] | Should -BeExactly $bodies[0]
        $sent[1].path | Should -Be $sent[0].path
        foreach ($header in 'X-Fal-Queue-Priority', 'X-Fal-Request-Timeout', 'X-Fal-Runner-Hint') { $sent[1].headers.$header | Should -Be $sent[0].headers.$header }
    }

    It 'keeps neither keys nor pictures of what was asked for, and says so' {
        $secret = 'c4n4ry-s3cret'
        $job = Start-InpaintJob dog.png dog_mask.png -Prompt x -Provider Test -Lora "https://civitai.example/1?token=$secret" -WebhookUri "https://hooks.example/?k=$secret" -AdditionalBody @{
            api_token = $secret; url = "https://example.org/a.png?sig=$secret"; control = @{ image = 'data:image/png;base64,iVBORw0KGgo='; scale = 0.5 }; list = @("data:text/plain;base64,$secret")
        }
        $job.Parameters.NotRecorded -split ', ' | Sort-Object | Should -Be 'AdditionalBody.api_token', 'AdditionalBody.control.image', 'AdditionalBody.list', 'AdditionalBody.url', 'Loras', 'WebhookUri'
        $job.Parameters.AdditionalBody | Should -Be '{"control":{"scale":0.5}}'
        Get-Content -Raw (Get-ChildItem -Recurse -File "$TestDrive/state/jobs") | Should -Not -Match $secret
        Get-Line $job | Should -Match '# Not recorded: .*AdditionalBody\.api_token'
        $job | ConvertTo-Json -Depth 9 | Should -Not -Match $secret
    }

    It 'is told by the journal, JSON, Clixml and a saved file alike' {
        $result = Invoke-Inpaint dog.png dog_mask.png -Provider Local -Seed 7 -KeepUnmasked -Feather 3
        $line = Get-Line $result
        $line | Should -Match '-KeepUnmasked -Feather 3'
        Get-Line (Get-InpaintStatus -Id $result.Job.Id) | Should -Be $line
        Get-Line ($result | ConvertTo-Json -WarningAction SilentlyContinue | ConvertFrom-Json) | Should -Be $line
        Export-Clixml -InputObject $result line.clixml
        $names = { param($Text) ([regex] '-\w+').Matches($Text).Value | Sort-Object }
        & $names (Get-Line (Import-Clixml line.clixml)) | Should -Be (& $names $line)
        Get-Line ($result | Save-InpaintImage -Path out/ -Metadata Sidecar) | Should -Be $line
    }

    It 'says of a job that is older than the record what it lacks' {
        $result = Invoke-Inpaint dog.png dog_mask.png -Provider Local -Seed 7
        $file = Get-ChildItem -Recurse -File "$TestDrive/state/jobs" -Filter "$($result.Job.JournalId).json"
        $entry = Get-Content -Tail 1 $file | ConvertFrom-Json
        $entry.job.PSObject.Properties.Remove('parameters')
        $entry | ConvertTo-Json -Depth 9 | Set-Content $file
        $line = Get-Line (Get-InpaintStatus -Id $result.Job.JournalId)
        $line | Should -Match '^Invoke-Inpaint .* -Seed 7 # Other parameters are not known\.$'
        Get-Hash (& ([scriptblock]::Create($line))) | Should -Be (Get-Hash $result)
    }
}
