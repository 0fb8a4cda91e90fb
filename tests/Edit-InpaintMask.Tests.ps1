BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    Push-Location (New-Item -ItemType Directory (Join-Path $TestDrive pictures))
    $dog = New-TestPair -Folder $PWD -Name dog

    # Runs the command in a runspace of its own and waits for the address that it tells.
    function Start-Editing([string] $Line) {
        $job = Start-InRunspace -Script "Set-Location '$PWD'; $Line"
        $limit = [datetime]::UtcNow.AddSeconds(30)
        while (-not ($text = "$($job.Shell.Streams.Information)") -and -not $job.Handle.IsCompleted) {
            if ([datetime]::UtcNow -gt $limit) { throw 'The command told no address.' }
            [System.Threading.Thread]::Sleep(20)
        }

        if ($text -notmatch '(http://127\.0\.0\.1:\d+)(/[0-9a-f]{32}/)') { throw "No address: $text $($job.Shell.Streams.Error)" }
        $job | Add-Member -PassThru @{ Address = $Matches[1] + $Matches[2]; Headers = @{ Origin = $Matches[1] } }
    }

    # Does what the page does.
    function Send-Page($Job, [string] $Action, [byte[]] $Body = [byte[]]::new(0)) {
        Invoke-RestMethod "$($Job.Address)$Action" -Method Post -Headers $Job.Headers -Body $Body -ContentType 'application/octet-stream' -NoProxy
    }

    function Open-Page($Job) {
        $about = Send-Page $Job open
        $Job.Headers['Inpaint-Key'] = $about.key
        $about
    }

    # What the command gave in the end.
    function Complete-Editing($Job) {
        $Job.Handle.AsyncWaitHandle.WaitOne(30000) | Should -BeTrue
        $null = $Job.Shell.EndInvoke($Job.Handle)
        $Job.Output
    }
}

AfterAll { Pop-Location }

Describe 'Edit-InpaintMask' {
    It 'writes what is painted, and says what it is' {
        $job = Start-Editing 'Edit-InpaintMask dog.png -Path painted.png -NoBrowser'
        $about = Open-Page $job
        $about.width, $about.height, $about.name | Should -Be 64, 64, 'dog.png'
        $coverage = [byte[]]::new(64 * 64)
        foreach ($i in 0..99) { $coverage[$i] = 255 }
        Send-Page $job save $coverage | Should -Be 'painted.png'
        $mask = Complete-Editing $job
        $mask | Should -HaveCount 1
        $mask.FullName | Should -Be (Join-Path $PWD painted.png)
        $mask.Mask | Should -Be $mask.FullName
        $mask.Image | Should -Be $dog.FullName
        Invoke-Inpaint dog.png -Mask $mask -Seed 1 | Should -HaveCount 1
    }

    It 'goes on with the mask that is there, and replaces it' {
        $job = Start-Editing 'Edit-InpaintMask dog.png -NoBrowser'
        (Open-Page $job).mask | Should -BeTrue
        $null = Send-Page $job save ([byte[]] (@(255) * 64 + @(0) * (63 * 64)))
        (Complete-Editing $job).Name | Should -Be 'dog_mask.png'
    }

    It 'goes on with a mask that is piped in, over the picture that it was made for' {
        $job = Start-Editing 'New-InpaintMask dog.png -Rectangle 8,8,4,4 -Path piped.png | Edit-InpaintMask -Path better.png -NoBrowser'
        $about = Open-Page $job
        $about.name, $about.mask | Should -Be 'dog.png', $true
        $null = Send-Page $job save ([byte[]]::new(64 * 64))
        (Complete-Editing $job).Image | Should -Be $dog.FullName
        "$($job.Shell.Streams.Warning)" | Should -Match 'marks nothing'
    }

    It 'writes nothing when it is cancelled' {
        $job = Start-Editing 'Edit-InpaintMask dog.png -Path none.png -NoBrowser -Verbose'
        $null = Open-Page $job
        $null = Send-Page $job cancel
        Complete-Editing $job | Should -BeNullOrEmpty
        "$($job.Shell.Streams.Verbose)" | Should -Match 'cancelled in the page'
        $job.Shell.HadErrors | Should -BeFalse
        'none.png' | Should -Not -Exist
    }

    It 'ends with a warning when the time is up' {
        $job = Start-Editing 'Edit-InpaintMask dog.png -Path none.png -NoBrowser -TimeoutSec 1'
        Complete-Editing $job | Should -BeNullOrEmpty
        "$($job.Shell.Streams.Warning)" | Should -Match '-TimeoutSec'
        'none.png' | Should -Not -Exist
    }

    It 'stops when it is told to, and closes its port' {
        $job = Start-Editing 'Edit-InpaintMask dog.png -Path none.png -NoBrowser'
        $null = Open-Page $job
        $job.Shell.Stop()
        { Send-Page $job save } | Should -Throw
        'none.png' | Should -Not -Exist
    }

    It 'refuses a page of elsewhere' {
        $job = Start-Editing 'Edit-InpaintMask dog.png -Path none.png -NoBrowser'
        $null = Open-Page $job
        $answer = Invoke-WebRequest "$($job.Address)cancel" -Method Post -Headers @{ Origin = 'https://elsewhere.example'; 'Inpaint-Key' = $job.Headers['Inpaint-Key'] } -SkipHttpErrorCheck -NoProxy
        $answer.StatusCode | Should -Be 403
        $job.Handle.IsCompleted | Should -BeFalse
        $job.Shell.Stop()
    }

    It 'says <Id> for <Case>, and opens nothing' -ForEach @(
        @{ Case = 'a missing picture'; Id = 'ImageNotFound'; Line = { Edit-InpaintMask none.png -NoBrowser } }
        @{ Case = 'what is no picture'; Id = 'ImageUnsupported'; Line = { Set-Content text.png words; Edit-InpaintMask text.png -NoBrowser } }
        @{ Case = 'a mask of another size'; Id = 'MaskSizeMismatch'; Line = { $null = New-TestPicture "$PWD/small.png" 8 8; Edit-InpaintMask dog.png -Mask small.png -Path other.png -NoBrowser } }
        @{ Case = 'the picture as its own mask'; Id = 'InvalidParameter'; Line = { Edit-InpaintMask dog.png -Path dog.png -NoBrowser } }
        @{ Case = 'a mask that may not be replaced'; Id = 'OutputExists'; Line = { Edit-InpaintMask dog.png -NoClobber -NoBrowser } }
        @{ Case = 'a folder that cannot be'; Id = 'OutputWriteFailed'; Line = { Edit-InpaintMask dog.png -Path dog.png/mask.png -NoBrowser } }
    ) {
        $said = @(& $Line 2>&1 6>&1)
        $said | Should -HaveCount 1
        $said[0].FullyQualifiedErrorId | Should -BeLike "$Id*,Inpaint.EditInpaintMaskCommand"
    }

    It 'says OutputWriteFailed for a folder that may not be written, before anything is painted' -Skip:(-not $IsLinux) {
        $said = @(Edit-InpaintMask dog.png -Path /proc/none/mask.png -NoBrowser 2>&1 6>&1)
        $said.FullyQualifiedErrorId | Should -Be 'OutputWriteFailed,Inpaint.EditInpaintMaskCommand'
    }

    It 'opens nothing with -WhatIf' {
        Edit-InpaintMask dog.png -Path none.png -WhatIf | Should -BeNullOrEmpty
    }
}

Describe 'The default browser' -Skip:(-not $IsLinux) {
    BeforeAll {
        # Stands in for the desktop's program that opens pages, and notes what it is given.
        $stub = New-Item -ItemType Directory (Join-Path $TestDrive stub)
        $saved = $env:PATH, $env:DISPLAY
        function Set-Stub([string] $Script) {
            Set-Content "$stub/xdg-open" "#!/bin/sh`n$Script"
            chmod +x "$stub/xdg-open"
        }
    }

    BeforeEach {
        $env:PATH = "$stub$([IO.Path]::PathSeparator)$($saved[0])"
        $env:DISPLAY = ':99'
        Remove-Item "$stub/opened" -ErrorAction Ignore
        Set-Stub "printf %s `"`$1`" > '$stub/opening'; mv '$stub/opening' '$stub/opened'"
    }

    AfterAll { $env:PATH, $env:DISPLAY = $saved }

    It 'is given the address of the page, and nobody else is' {
        $run = Start-InRunspace -Script "Set-Location '$PWD'; Edit-InpaintMask dog.png -Path none.png"
        $limit = [datetime]::UtcNow.AddSeconds(30)
        while (-not (Test-Path "$stub/opened")) {
            if ([datetime]::UtcNow -gt $limit) { throw "Nothing was opened. $($run.Shell.Streams.Error)" }
            [System.Threading.Thread]::Sleep(20)
        }

        $address = Get-Content -Raw "$stub/opened"
        $address | Should -Match '^http://127\.0\.0\.1:\d+/[0-9a-f]{32}/$'
        $job = $run | Add-Member -PassThru @{ Address = $address; Headers = @{ Origin = ([uri] $address).GetLeftPart('Authority') } }
        $null = Open-Page $job
        $null = Send-Page $job cancel
        Complete-Editing $job | Should -BeNullOrEmpty
        $job.Shell.Streams.Information | Should -BeNullOrEmpty
    }

    It 'is told of where <Case>, so that the page can be opened by hand' -ForEach @(
        @{ Case = 'no browser is found'; Script = 'exit 3' }
        @{ Case = 'there is no desktop'; Script = 'exit 0'; Display = '' }
    ) {
        Set-Stub $Script
        if ($null -ne $Display) { $env:DISPLAY = $Display }
        $job = Start-Editing 'Edit-InpaintMask dog.png -Path none.png -Verbose'
        $null = Open-Page $job
        $null = Send-Page $job cancel
        Complete-Editing $job | Should -BeNullOrEmpty
        "$($job.Shell.Streams.Verbose)" | Should -Match 'No browser'
    }

    It 'shows a gallery, whatever the name of its folder, and a warning where it cannot' {
        $odd = New-Item -ItemType Directory "a #1 & 'b'"
        $page = Invoke-Inpaint dog.png dog_mask.png -Seed 1 | Export-InpaintGallery "$odd/gallery.html" -Show -WarningVariable warning
        $warning | Should -BeNullOrEmpty
        Get-Content -Raw "$stub/opened" | Should -Be ([uri]::new($page.FullName)).AbsoluteUri
        Set-Stub 'exit 3'
        $null = $page | ForEach-Object { Invoke-Inpaint dog.png dog_mask.png -Seed 1 } | Export-InpaintGallery -Show -WarningVariable warning -WarningAction SilentlyContinue
        "$warning" | Should -Match 'No browser'
    }
}
