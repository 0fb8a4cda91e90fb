# The commands in every document, run as they stand there, from top to bottom in one shell. The help pages of commands are run by Help.Tests.ps1, example by example.

BeforeDiscovery {
    $guides = @(Get-ChildItem $PSScriptRoot/../*.md) + @(Get-ChildItem $PSScriptRoot/../docs, $PSScriptRoot/../samples -Recurse -Filter *.md) |
        Where-Object { $_.BaseName -notmatch '^[A-Z][a-z]+-Inpaint' -and (Get-Content $_ -Raw) -match '(?m)^```(powershell|pwsh)' } | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $root = Split-Path $PSScriptRoot
    $module = Split-Path (Get-ModulePath)
    $emulator = Start-Emulator
    $environment = @{}
    foreach ($variable in 'INPAINT_HOME', 'INPAINT_CONFIG', 'INPAINT_PROVIDER', 'PSModulePath') { $environment[$variable] = [Environment]::GetEnvironmentVariable($variable) }

    function Get-Block([string] $Path, [string] $Language = 'powershell') {
        [regex]::Matches((Get-Content $Path -Raw).ReplaceLineEndings("`n"), '(?ms)^```' + $Language + '\n(.*?)^```$') | ForEach-Object { $_.Groups[1].Value }
    }

    # A folder with the files that the guides speak of: those of samples, and a few of one's own.
    function New-Desk {
        $desk = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-Item -ItemType Directory $desk/samples
        Copy-Item $root/samples/pictures/* $desk
        Copy-Item $root/samples/pictures $desk/samples -Recurse
        foreach ($name in 'dog', 'photo') { $null = New-TestPair -Folder $desk -Name $name }
        $null = New-TestPair -Folder $desk/shots -Name bench
        Copy-Item $desk/photo.png $desk/photo.jpg
        Copy-Item $desk/photo_mask.png $desk/sign_mask.png
        Get-Block $root/docs/guides/batches.md csv | Set-Content $desk/jobs.csv -NoNewline
        $desk
    }

    # Every service that a guide speaks of is the emulator.
    function Set-Service {
        Get-InpaintProvider | Remove-InpaintProvider
        $uris = @{ BaseUri = "$($emulator.Uri)/queue"; SyncUri = "$($emulator.Uri)/run"; StorageUri = "$($emulator.Uri)/rest"; PlatformUri = "$($emulator.Uri)/platform/v1" }
        Set-InpaintProvider Fal @uris -ApiKey test-id:test-secret
    }

    # A shell at the desk in which somebody types the key, and paints a mask, when asked to.
    function New-Shell([string] $Desk) {
        $shell = [powershell]::Create()
        $null = $shell.AddScript(@"
            Import-Module '$(Get-ModulePath)'; Set-Location '$Desk'; `$ProgressPreference = 'SilentlyContinue'
            function Read-Host { ConvertTo-SecureString test-id:test-secret -AsPlainText -Force }
            function Get-Secret { Read-Host }
            function Edit-InpaintMask(`$Image, `$Mask, [switch] `$NoBrowser, `$Port) { Get-Item ball_mask.png }
            function ssh { }
            function Get-Clipboard { '"dog.png"', 'ball.png' }
"@).Invoke()
        $shell
    }

    function Invoke-Block($Shell, [string] $Code) {
        $Shell.Commands.Clear()
        $null = $Shell.AddScript($Code.Replace('https://proxy.example/fal', "$($emulator.Uri)/queue").Replace('/mnt/team', "$TestDrive").Replace('./out/Inpaint', $module).Replace('Copy-Item out/Inpaint', "Copy-Item '$module'"))
        $Shell.Invoke()
        $Shell.Streams.Error | ForEach-Object { "$_" } | Should -BeNullOrEmpty -Because $Code
    }
}

AfterAll {
    Get-InpaintProvider | Remove-InpaintProvider
    Stop-Emulator
}

Describe '<Name>' -ForEach $guides {
    AfterEach {
        foreach ($variable in $environment.Keys) { [Environment]::SetEnvironmentVariable($variable, $environment[$variable]) }
    }

    It 'has commands that run as they are written' {
        $desk = New-Desk
        Set-Service
        if ($Name -eq 'batches.md') { 'missing.png,ball_mask.png,grass,,Nothing' | Add-Content $desk/jobs.csv }
        # There the mask is made.
        if ($Name -eq 'about_Inpaint.md') { Remove-Item $desk/photo_mask.png }
        $env:INPAINT_HOME = Join-Path $desk state
        $env:INPAINT_CONFIG = Join-Path $desk config
        $env:PSModulePath = (Join-Path $desk modules) + [IO.Path]::PathSeparator + $env:PSModulePath
        $shell = New-Shell $desk
        $blocks = @(Get-Block $Path)
        $blocks | Should -Not -BeNullOrEmpty
        foreach ($block in $blocks) { $null = Invoke-Block $shell $block }
        $shell.Dispose()
    }

    It 'has links that lead somewhere' {
        $links = [regex]::Matches((Get-Content $Path -Raw), '\]\((?!https?:)([^)#]+)') | ForEach-Object { $_.Groups[1].Value }
        $links | Where-Object { -not (Test-Path (Join-Path (Split-Path $Path) $_)) } | Should -BeNullOrEmpty
    }
}

Describe 'The four lines of the batch guide' {
    AfterEach {
        $env:INPAINT_HOME = $environment.INPAINT_HOME
    }

    It 'plan, run, report and retry a list of 200 rows of which five are broken' {
        $desk = New-Desk
        Set-Service
        Reset-Emulator
        $env:INPAINT_HOME = Join-Path $desk state
        $null = New-TestPicture -Path $desk/small_mask.png -Width 32 -Height 32 -Kind Mask
        $null = New-TestPicture -Path $desk/empty_mask.png -Kind Empty
        $rows = foreach ($number in 1..200) { [pscustomobject] @{ Image = 'dog.png'; Mask = 'dog_mask.png'; Prompt = "bench $number"; Strength = ''; Title = "Row $number" } }
        $rows[9].Image = 'missing.png'
        $rows[49].Mask = 'small_mask.png'
        $rows[99].Strength = 'much'
        $rows[149].Mask = 'empty_mask.png'
        $rows[199].Strength = '3'
        $rows | Export-Csv $desk/jobs.csv
        $broken = 'Row 10', 'Row 50', 'Row 100', 'Row 150', 'Row 200'

        $lines = @(Get-Block $root/docs/guides/batches.md)[0].TrimEnd() -split "`n"
        $lines | Should -HaveCount 4
        $shell = New-Shell $desk

        $table = Invoke-Block $shell $lines[0] | Out-String
        foreach ($name in 'missing.png', 'dog.png') { $table | Should -Match $name }
        $plan = $shell.Runspace.SessionStateProxy.GetVariable('plan')
        $plan | Should -HaveCount 200
        ($plan | Where-Object Error).Row.Title | Should -Be $broken
        (Send-Emulator state).paidJobs | Should -Be 0

        $null = Invoke-Block $shell $lines[1]
        (Send-Emulator state).paidJobs | Should -Be 195
        $good = $rows.Title | Where-Object { $_ -notin $broken }
        (Get-ChildItem $desk/out).BaseName | Sort-Object | Should -Be ($good | Sort-Object)
        $files = $shell.Runspace.SessionStateProxy.GetVariable('files')
        $files.Inpaint.Row.Title | Sort-Object -Unique | Should -HaveCount 195
        ($files.Inpaint | Measure-Object Cost -Sum).Sum | Should -BeGreaterThan 0
        $shell.Runspace.SessionStateProxy.GetVariable('bad').TargetObject.Title | Should -Be $broken

        $null = Invoke-Block $shell $lines[2]
        $page = Get-Content $desk/gallery.html -Raw
        foreach ($id in 'ImageNotFound', 'MaskSizeMismatch', 'MaskEmpty', 'InvalidParameter') { $page | Should -Match $id }

        $null = Invoke-Block $shell $lines[3]
        $retry = Import-Csv $desk/retry.csv
        $retry.Title | Sort-Object { [int] ($_ -replace '\D') } | Should -Be $broken
        $shell.Runspace.SessionStateProxy.GetVariable('bad').Exception.IsTransient | Should -Not -Contain $true

        # Corrected, the same four lines go through the rest, and pay for the five alone.
        foreach ($row in $retry) { $row.Image = 'dog.png'; $row.Mask = 'dog_mask.png'; $row.Strength = '' }
        $retry | Export-Csv $desk/jobs.csv
        Remove-Item $desk/retry.csv
        foreach ($line in $lines) { $null = Invoke-Block $shell $line }
        (Send-Emulator state).paidJobs | Should -Be 200
        "$desk/retry.csv" | Should -Not -Exist

        # And so does the whole list, with each picture in its place.
        $hashes = Get-ChildItem $desk/out | Get-FileHash | Select-Object Path, Hash | Sort-Object Path
        @($hashes.Hash | Sort-Object -Unique) | Should -HaveCount 200
        foreach ($row in $rows) { $row.Image = 'dog.png'; $row.Mask = 'dog_mask.png'; $row.Strength = '' }
        $rows | Export-Csv $desk/jobs.csv
        $null = Invoke-Block $shell (@(Get-Block $root/docs/guides/batches.md) -match '-Resume -Force')[0]
        (Send-Emulator state).paidJobs | Should -Be 200
        (Get-ChildItem $desk/out | Get-FileHash | Sort-Object Path).Hash | Should -Be $hashes.Hash
        $shell.Dispose()
    }
}
