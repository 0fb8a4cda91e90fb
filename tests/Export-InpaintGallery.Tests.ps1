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

    It 'gives a line that makes the very picture again' {
        $null = $results[0] | Export-InpaintGallery line.html
        $line = (Read-Gallery line.html).line
        $again = & ([scriptblock]::Create($line))
        $first, $second = $results[0], $again | ForEach-Object { (Get-FileHash ([uri] $_.Images[0].Url).LocalPath).Hash }
        $second | Should -Be $first
    }

    It 'quotes what a prompt holds' {
        $result = New-Object Inpaint.InpaintResult | ConvertTo-Json -Depth 9 | ConvertFrom-Json
        $result.Job.Operation = 'TextToImage'
        $result.Job.Prompt = "it's ‘so’; `$(throw 'run') `"x`""
        $result.Job.State = 'Completed'
        $null = $result | Export-InpaintGallery quoted.html
        $parsed = [System.Management.Automation.Language.Parser]::ParseInput((Read-Gallery quoted.html).line, [ref] $null, [ref] $null)
        $parsed.Find({ $args[0] -is [System.Management.Automation.Language.StringConstantExpressionAst] -and $args[0].StringConstantType -eq 'SingleQuoted' }, $true).Value | Should -BeExactly $result.Job.Prompt
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
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidParameter,Inpaint.ExportInpaintGalleryCommand'
        Read-Gallery $page | Should -HaveCount 2
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
