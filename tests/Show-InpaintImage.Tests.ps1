BeforeDiscovery {
    # util-linux's script gives a command a terminal of its own; the BSD one has other switches.
    $hasTerminal = $IsLinux -and (Get-Command script -CommandType Application -ErrorAction Ignore)
    $why = if (-not $hasTerminal) { ' [needs script of util-linux]' }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    Push-Location (New-Item -ItemType Directory (Join-Path $TestDrive pictures))
    foreach ($name in 'dog', 'cat') { $null = New-TestPair -Folder $PWD -Name $name }
    $null = New-TestPicture -Path (Join-Path $PWD small.png) -Width 8 -Height 8 -Kind Mask
    Set-Content text.png 'just words'
    $esc = [char] 27
}

AfterAll { Pop-Location }

Describe 'Show-InpaintImage' {
    It 'gives text that begins as <Protocol> does' -ForEach @(
        @{ Protocol = 'Sixel'; Beginning = 'P0;1;0q"1;1;64;64#' }
        @{ Protocol = 'Kitty'; Beginning = '_Ga=T,f=100,q=2,c=7,m=' }
        @{ Protocol = 'ITerm2'; Beginning = ']1337;File=inline=1;size=' }
    ) {
        $text = Show-InpaintImage dog.png -Protocol $Protocol
        $text | Should -BeOfType string
        $text.Substring(1, $Beginning.Length) | Should -BeExactly $Beginning
        $text[0] | Should -Be $esc
        ($text -split "`n")[-1] | Should -Match '^dog\.png'
    }

    It 'draws rulers with -Grid, within the cells that it is given' {
        $lines = (Show-InpaintImage dog.png -Protocol Blocks -Width 43 -Grid) -split "`n"
        $lines[0] | Should -BeExactly '   0     10    20    30     40    50    60'
        $lines[1] | Should -Match '^ 0 '
        ($lines -match '^\d\d ').ForEach({ $_.Substring(0, 2) }) | Should -Be 10, 20, 30, 40, 50, 60
        $lines[-1] | Should -Be '   dog.png 64x64'
        (Show-InpaintImage dog.png -Protocol Kitty -Width 20 -Grid).Substring(1, 18) | Should -BeExactly '_Ga=T,f=100,q=2,c='
    }

    It 'keeps to the cells that it is given' {
        $lines = (Show-InpaintImage dog.png -Protocol Blocks -Width 20) -split "`n"
        $lines | Should -HaveCount 11
        (($lines[0] -replace "$esc\[[\d;]*m") -replace '[▀▄█▓▒░]', 'x').Length | Should -BeLessOrEqual 20
        ((Show-InpaintImage dog.png -Protocol Blocks -Height 4) -split "`n") | Should -HaveCount 5
    }

    It 'takes paths, files, bytes, lists, rows and results' {
        $one = Show-InpaintImage dog.png -Protocol Blocks
        Get-Item dog.png | Show-InpaintImage -Protocol Blocks | Should -Be $one
        Get-Item dog.png, cat.png | Show-InpaintImage -Protocol Blocks | Should -HaveCount 2
        Show-InpaintImage dog.png, cat.png -Protocol Blocks | Should -HaveCount 2
        Show-InpaintImage ([System.IO.File]::ReadAllBytes("$PWD/dog.png")) -Protocol Blocks | Should -HaveCount 1
        $row = 'Image,Before,Mask', 'dog.png,cat.png,cat_mask.png' | ConvertFrom-Csv | Show-InpaintImage -Protocol Blocks
        $row | Should -Match 'before 64x64 .*after 64x64$'
        $result = Invoke-Inpaint dog.png dog_mask.png -Seed 1 -Count 2
        $shown = $result | Show-InpaintImage -Protocol Blocks -Width 60
        $shown | Should -HaveCount 2
        $shown[0] | Should -Match 'before 64x64 +after 64x64$'
        $result.Images[1] | Show-InpaintImage -Protocol Blocks | Should -Not -Match 'before'
        Show-InpaintImage $result -Protocol Blocks -Width 60 | Should -Be $shown
        $result | ConvertTo-Json -Depth 9 | ConvertFrom-Json | Show-InpaintImage -Protocol Blocks -Width 60 | Should -Be $shown
        $result | Export-Clixml result.xml
        Import-Clixml result.xml | Show-InpaintImage -Protocol Blocks -Width 60 | Should -Be $shown
    }

    It 'shows a mask that New-InpaintMask has just made as it is' {
        $mask = New-InpaintMask dog.png -Rectangle 8,8,16,16 -Path made.png
        $mask | Show-InpaintImage -Protocol Sixel | Should -Be (Show-InpaintImage made.png -Protocol Sixel)
        Show-InpaintImage dog.png -Mask made.png -Protocol Sixel | Should -Not -Be (Show-InpaintImage dog.png -Protocol Sixel)
    }

    It 'gives a sentence where nothing can be drawn' {
        $text = 'dog.png', 'cat.png' | Show-InpaintImage
        $text | Should -HaveCount 2
        $text[0] | Should -Match '^dog\.png, 64x64: not drawn'
        "$text".Contains($esc) | Should -BeFalse
    } -Skip:(-not [Console]::IsOutputRedirected)

    It 'says <Id> for <Case>, and goes on' -ForEach @(
        @{ Case = 'a missing picture'; Id = 'ImageNotFound'; Given = 'none.png'; Mask = $null }
        @{ Case = 'no picture'; Id = 'ImageUnsupported'; Given = 'text.png'; Mask = $null }
        @{ Case = 'a mask of another size'; Id = 'MaskSizeMismatch'; Given = 'small.png'; Mask = 'dog_mask.png' }
        @{ Case = 'plain http'; Id = 'InsecureTransport'; Given = 'http://pictures.example/dog.png'; Mask = $null }
    ) {
        $rest = $Mask ? @{ Mask = $Mask } : @{}
        $shown = $Given, 'dog.png' | Show-InpaintImage @rest -Protocol Blocks -ErrorVariable failure -ErrorAction SilentlyContinue
        $shown | Should -HaveCount 1
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id*,Inpaint.ShowInpaintImageCommand"
    }

    It 'says what the picture before was, when it is gone' {
        $null = New-TestPair -Folder $PWD -Name gone
        $result = Invoke-Inpaint gone.png gone_mask.png -Seed 1
        Remove-Item gone.png
        $text, $note = $result | Show-InpaintImage -Protocol Blocks -Verbose 4>&1 | Sort-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        $text | Should -Not -Match 'before'
        "$note" | Should -Match 'gone\.png'
    }

    It 'refuses sizes that no terminal has' {
        { Show-InpaintImage dog.png -Width 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Inpaint.ShowInpaintImageCommand'
        { Show-InpaintImage dog.png -Height 501 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Inpaint.ShowInpaintImageCommand'
    }
}

Describe "Show-InpaintImage in a terminal$why" -Skip:(-not $hasTerminal) {
    BeforeAll {
        # Runs it in a shell that has a terminal which announces itself so.
        function Show-InTerminal([string] $Environment) {
            $file = Join-Path $TestDrive 'show.ps1'
            Set-Content -LiteralPath $file -Value "Import-Module '$(Get-ModulePath)'; Show-InpaintImage '$PWD/dog.png'"
            $clean = 'env -u NO_COLOR -u COLORTERM -u TERM_PROGRAM -u TMUX -u KITTY_WINDOW_ID -u WT_SESSION -u KONSOLE_VERSION -u LC_TERMINAL -u STY -u ZELLIJ'
            $program = Get-ShellProgram
            $shell = (@($program.Path) + $program.Arguments | ForEach-Object { "'$_'" }) -join ' '
            (script -qec "stty cols 70 rows 30; $clean $Environment $shell -NoLogo -NoProfile -File '$file'" /dev/null) -join "`n"
        }
    }

    It 'draws as the terminal announces: <Environment>' -ForEach @(
        @{ Environment = 'TERM=xterm-kitty'; Wanted = '\x1b_Ga=T,f=100,q=2,c=7,' }
        @{ Environment = 'TERM=foot'; Wanted = '\x1bP0;1;0q"1;1;64;64#' }
        @{ Environment = 'TERM=tmux-256color TMUX=x KITTY_WINDOW_ID=1'; Wanted = '\x1b\[38;2;\d+;\d+;\d+m\x1b\[48;2;\d+;\d+;\d+m▀' }
        @{ Environment = 'TERM=xterm-256color'; Wanted = '\x1b\[38;5;\d+m\x1b\[48;5;\d+m▀' }
        @{ Environment = 'TERM=foot NO_COLOR=1'; Wanted = '[░▒▓█]{8}' }
        @{ Environment = 'TERM=dumb'; Wanted = 'dog\.png, 64x64: not drawn' }
    ) {
        $text = Show-InTerminal $Environment
        # Control characters in a message would make the results file invalid XML.
        $readable = $text -replace '\x1b', '^['
        $text -cmatch $Wanted | Should -BeTrue -Because $readable.Substring(0, [Math]::Min(200, $readable.Length))
        $text -cmatch 'dog\.png 64x64|not drawn' | Should -BeTrue
    }
}
