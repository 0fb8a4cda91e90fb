# What is offered is what would be accepted: every suggestion is put back into its line, and the line is run as far as -WhatIf goes.
BeforeDiscovery {
    $lines = foreach ($case in @(
            @{ Provider = 'Test'; Model = $null }
            @{ Provider = 'Test'; Model = 'fal-ai/flux-general/inpainting' }
            @{ Provider = 'Test'; Model = 'fal-ai/fooocus/inpaint' }
            @{ Provider = 'Test'; Model = 'fal-ai/fast-lightning-sdxl/inpainting' }
            @{ Provider = 'Gateway'; Model = $null }
            @{ Provider = 'Lab'; Model = $null }
        )) {
        $start = "-Provider $($case.Provider)$(if ($case.Model) { " -Model $($case.Model)" })"
        foreach ($parameter in 'Steps', 'Strength', 'GuidanceScale', 'Count', 'Size', 'OutputFormat', 'Acceleration', 'Scheduler', 'Priority', 'Option') {
            @{ Line = "Invoke-Inpaint `$dog `$mask 'a lion' $start"; Parameter = $parameter }
        }
    }
    $lines += @(
        @{ Line = 'New-InpaintMask $dog -Prompt dog -Provider Test -Path $free'; Parameter = 'Option' }
        @{ Line = 'New-InpaintMask $dog -Path $free'; Parameter = 'Color' }
        @{ Line = 'New-InpaintMask -Rectangle 1,1,2,2 -Path $free'; Parameter = 'Size' }
    )

    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-Module (Get-ModulePath)
    $commands = Get-Command -Module Inpaint -CommandType Cmdlet | ForEach-Object { @{ Command = $_.Name } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $dog = New-TestPair -Folder (Join-Path $TestDrive 'pictures')
    $mask = Join-Path $TestDrive 'pictures/dog_mask.png'
    $free = Join-Path $TestDrive 'free.png'
    $null = Start-Emulator
    foreach ($provider in Get-ProviderUnderTest) {
        $name = @{ FalGateway = 'Gateway'; ModelsLab = 'Lab' }[$provider.Kind]
        $uris = Get-EmulatorUri $provider
        if ($name) { Set-InpaintProvider $name -Kind $provider.Kind @uris -ApiKey $provider.Key }
    }

    $env:FAL_KEY = 'test-id:test-secret'
    # A shell without a host, to which -WhatIf would write.
    $shell = [powershell]::Create()
    $null = $shell.AddScript("Import-Module '$(Get-ModulePath)'").Invoke()
    foreach ($name in 'dog', 'mask', 'free') { $shell.Runspace.SessionStateProxy.SetVariable($name, (Get-Variable $name -ValueOnly)) }

    # Names of files that would be offered if nothing else were.
    Push-Location (Join-Path $TestDrive 'pictures')

    # The parameters that take pictures or paths.
    $paths = 'Image', 'Mask', 'Before', 'Reference', 'Difference', 'InputObject', 'Path', 'LiteralPath', 'OutPath', 'LogPath', 'PreviewPath', 'DifferencePath'
    $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
    function Get-OwnParameter([string] $Command) {
        (Get-Command $Command).Parameters.Values | Where-Object { $_.Name -notin $common -and -not $_.SwitchParameter -and -not $_.Attributes.Where({ $_ -is [Parameter] -and $_.DontShow }) } | ForEach-Object Name
    }

    # A line of each command to which a suggestion is added.
    $job = "'$((Start-InpaintJob $dog $mask -Provider Local | Wait-InpaintJob).Id)'"
    $repaint = @{ Image = '$dog'; Mask = '$mask'; Prompt = "'a lion'"; Provider = 'Test' }
    $lineOf = @{
        'Invoke-Inpaint' = $repaint; 'Start-InpaintJob' = $repaint; 'Get-InpaintPlan' = $repaint
        'New-InpaintImage' = @{ Prompt = 'x'; Provider = 'Test' }
        'New-InpaintMask' = @{ Image = '$dog'; Rectangle = "'1,1,9,9'"; Path = '$free' }
        'Test-InpaintMask' = @{ Image = '$dog'; Mask = '$mask' }
        'Edit-InpaintMask' = @{ Image = '$dog' }
        'Compare-InpaintImage' = @{ Reference = '$dog'; Difference = '$dog' }
        'Show-InpaintImage' = @{ Image = '$dog' }
        'Save-InpaintImage' = @{ InputObject = $job; Path = '$free' }
        'Export-InpaintGallery' = @{ InputObject = "(Get-InpaintStatus $job)"; Path = 'page.html' }
        'Get-InpaintStatus' = @{ Id = $job }; 'Wait-InpaintJob' = @{ Id = $job }; 'Receive-InpaintJob' = @{ Id = $job }; 'Stop-InpaintJob' = @{ Id = $job }; 'Remove-InpaintJob' = @{ Id = $job }
        'Set-InpaintProvider' = @{ Name = 'Fal' }; 'Get-InpaintProvider' = @{}; 'Remove-InpaintProvider' = @{ Name = 'Fal' }; 'Test-InpaintProvider' = @{ Name = 'Test' }
        'Find-InpaintModel' = @{ Query = 'nothing-is-called-so'; Provider = 'Test' }
    }

    function Get-Completion([string] $Line) {
        (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches
    }
}

AfterAll {
    $shell.Dispose()
    Pop-Location
    Remove-Item Env:FAL_KEY
    Stop-Emulator
    Get-InpaintProvider Test, Gateway, Lab | Remove-InpaintProvider
}

Describe 'Completion' {
    It 'offers what is accepted: <Line> -<Parameter>' -ForEach $lines {
        $offered = @(Get-Completion "$Line -$Parameter ")
        foreach ($suggestion in $offered) {
            $run = "$Line -$Parameter $($suggestion.CompletionText) -ErrorAction Stop -WarningAction SilentlyContinue"
            $run += ' -WhatIf'
            $shell.Commands.Clear()
            try { $null = $shell.AddScript($run).Invoke() }
            catch { throw "$run`: $_" }
        }
    }

    It 'offers files for the parameters of <Command> that take pictures or paths, and for no other' -ForEach $commands {
        foreach ($name in Get-OwnParameter $Command) {
            $offered = foreach ($typed in '', 'd', "'d") { Get-Completion "$Command -$name $typed" }
            ($offered.ResultType -contains 'ProviderItem') | Should -Be ($name -in $paths) -Because "that is what -$name takes"
        }
    }

    It 'offers no files where nothing is known of the value: <_>' -ForEach 'Invoke-Inpaint -Provider Nobody -Steps', 'Invoke-Inpaint -Provider ModelsLab -Seed', 'Set-InpaintProvider Fal -AuthScheme' {
        (@(Get-Completion "$_ ") + @(Get-Completion "$_ d")).ResultType | Should -Not -Contain 'ProviderItem'
    }

    It 'offers what <Command> accepts, for each parameter that it completes itself' -ForEach $commands {
        $completed = (Get-Command $Command).Parameters.Values.Where({ $_.Attributes.Where({ $_ -is [ArgumentCompleter] }) }).Name
        # The provider of a job that there is is one and the same.
        foreach ($name in $completed | Where-Object { $_ -ne 'Provider' -or -not $lineOf[$Command].ContainsKey('Id') }) {
            $rest = ($lineOf[$Command].Keys | Where-Object { $_ -ne $name } | ForEach-Object { "-$_ $($lineOf[$Command][$_])" }) -join ' '
            # Of long lists, such as that of the colours, the first ones.
            foreach ($suggestion in Get-Completion "$Command $rest -$name " | Select-Object -First 5) {
                $run = "$Command $rest -$name $($suggestion.CompletionText) -ErrorAction Stop -WarningAction SilentlyContinue"
                if ((Get-Command $Command).Parameters.ContainsKey('WhatIf')) { $run += ' -WhatIf' }
                $shell.Commands.Clear()
                try { $null = $shell.AddScript($run).Invoke() }
                catch {
                    # A picture need not have the colour that is offered, and a mask is given already.
                    $id = $_.Exception.InnerException.ErrorRecord.FullyQualifiedErrorId
                    if (-not ($name -eq 'Color' -and $id -like 'MaskEmpty,*') -and -not ($name -in 'MaskProvider', 'MaskModel' -and $id -like 'InvalidParameter.MaskPrompt,*')) { throw "$run`: $id $_" }
                }
            }
        }
    }

    It 'offers the ends of a range, and what is used without it' {
        (Get-Completion 'Invoke-Inpaint -Provider Fal -Steps ').CompletionText | Should -Be '28', '1', '50'
        (Get-Completion 'Invoke-Inpaint -Provider Fal -Count ').CompletionText | Should -Be '1', '2', '3', '4'
        (Get-Completion 'Invoke-Inpaint -Provider Fal -Strength ').CompletionText | Should -Be '0.85', '0.01', '1'
        # More is taken, and capped.
        (Get-Completion 'Invoke-Inpaint -Provider ModelsLab -Steps ')[0].ToolTip | Should -Match 'Steps \(1-50, capped at 20\), default 31 \(ModelsLab\)'
        (Get-Completion 'Invoke-Inpaint -Provider Fal -Seed ') | Should -BeNullOrEmpty
    }

    It 'completes one placeholder of a template after the other' {
        (Get-Completion 'Save-InpaintImage -Name ').CompletionText | Should -Contain "'{Source}'"
        (Get-Completion "Save-InpaintImage -Name '{Source}-{Se").CompletionText | Should -Be "'{Source}-{Seed}'"
        (Get-Completion "Save-InpaintImage -Name '{Source}-").CompletionText | Should -Contain "'{Source}-{Index}'"
        $picture = Invoke-Inpaint $dog $mask -Provider Local
        foreach ($name in (Get-Completion 'Save-InpaintImage -Name ').CompletionText) {
            ($picture | Save-InpaintImage -Path "$TestDrive/named/" -Name $name.Trim("'") -Force) | Should -Exist
        }
    }

    It 'says what a colour is' {
        (Get-Completion 'New-InpaintMask -Color tom').CompletionText | Should -Be 'Tomato'
        (Get-Completion 'New-InpaintMask -Color tom').ToolTip | Should -Be 'Tomato, #ff6347'
    }

    It 'offers the values of an option with it, its default first, in the words of its model' {
        $offered = Get-Completion 'Invoke-Inpaint -Provider Fal -Model fal-ai/finegrain-eraser/mask -Option mo'
        $offered.CompletionText | Should -Be "@{ mode = 'standard' }", "@{ mode = 'express' }", "@{ mode = 'premium' }"
        $offered[0].ToolTip | Should -Match '^mode \(option, express\|standard\|premium\), default standard'
    }

    It 'offers the names and values of options within their hashtable: <Typed>' -ForEach @(
        @{ Typed = '@{ '; Expected = 'mode', 'UploadPictures' }
        @{ Typed = '@{'; Expected = 'mode' }
        @{ Typed = '@{ mo'; Expected = 'mode' }
        @{ Typed = '@{ mode = '; Expected = "'standard'", "'express'", "'premium'" }
        @{ Typed = '@{ mode='; Expected = "'premium'" }
        @{ Typed = "@{ mode = 'pr"; Expected = "'premium'" }
        @{ Typed = '@{ mode = pr'; Expected = "'premium'" }
        @{ Typed = "@{ mode = 'express'; Upl"; Expected = 'UploadPictures' }
        @{ Typed = "@{ mode = 'express'; UploadPictures = "; Expected = '$true', '$false' }
        @{ Typed = "@{ mode = 'express'; UploadPictures = `$t"; Expected = '$true' }
    ) {
        # A session that reads lines has this from the start.
        $null = Get-Completion 'Invoke-Inpaint -Provider '
        $line = "`$x = 1; Invoke-Inpaint a.png b.png -Provider Fal -Model 'fal-ai/finegrain-eraser/mask' -Option $Typed"
        $completion = TabExpansion2 -inputScript $line -cursorColumn $line.Length
        foreach ($text in $Expected) { $completion.CompletionMatches.CompletionText | Should -Contain $text }
        $completion.CompletionMatches[0].ToolTip | Should -Match '\(option'
        # What is inserted takes the place of what was typed.
        $made = $line.Remove($completion.ReplacementIndex, $completion.ReplacementLength).Insert($completion.ReplacementIndex, $completion.CompletionMatches[0].CompletionText)
        $made | Should -BeLike ($line.Substring(0, $completion.ReplacementIndex) + '*')
        # The same through what a host has parsed.
        $tokens = $problems = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseInput($line, [ref] $tokens, [ref] $problems)
        $cursor = $ast.Extent.EndScriptPosition
        if ($cursor.Offset -eq $line.Length) { (TabExpansion2 -ast $ast -tokens $tokens -positionOfCursor $cursor).CompletionMatches.CompletionText | Should -Be $completion.CompletionMatches.CompletionText }
    }

    It 'offers the defaults that a provider can have, with values that it accepts: <_>' -ForEach 'Test', 'Gateway', 'Lab' {
        $offered = (Get-Completion "Set-InpaintProvider $_ -Parameter ").CompletionText
        $offered | Should -Contain '@{ NoSafetyChecker = $true }'
        foreach ($text in $offered) {
            $values = & ([scriptblock]::Create($text))
            Set-InpaintProvider $_ -Parameter $values -ErrorAction Stop
            # An empty value removes the default again.
            Set-InpaintProvider $_ -Parameter @{ "$($values.Keys)" = '' } -ErrorAction Stop
        }

        $names = $offered -replace '^@\{ (.+?) = .*$', '$1' | Select-Object -Unique
        (Get-Completion "Set-InpaintProvider $_ -Parameter @{ ").CompletionText | Should -Be $names
        (Get-Completion "Set-InpaintProvider -Name $_ -Param @{ Seed = 1; Ste").CompletionText | Should -Be 'Steps'
        (Get-Completion "Set-InpaintProvider $_ -Parameter @{ NoSafetyChecker = ").CompletionText | Should -Be '$true', '$false'
    }

    It 'takes a template for the names of files for no provider' {
        $ends = (Get-Completion 'Invoke-Inpaint a b -Provider Test -Count ').CompletionText
        $env:INPAINT_PROVIDER = 'Test'
        try { (Get-Completion 'Invoke-Inpaint a b -OutPath . -Name x -Count ').CompletionText | Should -Be $ends }
        finally { $env:INPAINT_PROVIDER = $null }
    }

    It 'leaves other hashtables to the shell: <_>' -ForEach 'Sort-Object @{ ', 'Invoke-Inpaint a b -Option @{ controlnets = @{ ', 'Invoke-Inpaint a b -AdditionalBody @{ ', 'Invoke-Inpaint a b -Option @{ x = 1 } -Pro', 'Write-Output -Option @{ ', 'Set-InpaintProvider Fal -Option @{ ', 'Invoke-Inpaint a b -Parameter @{ ' {
        $with = (Get-Completion $_).CompletionText
        $plain = [powershell]::Create()
        try {
            $without = $plain.AddScript('param($line) (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText').AddArgument($_).Invoke()
        }
        finally { $plain.Dispose() }
        if ($_ -notlike '*-Pro') { $with | Should -Be $without } else { $with | Should -Contain '-Provider' }
        # Nothing of this module's is among the variables that are offered.
        (Get-Completion '$inpaint').CompletionText | Should -Not -Contain '$inpaintOptions'
    }

    It 'leaves TabExpansion2 alone in scripts, and as it was when the module is removed' {
        $script = '$before = "$function:TabExpansion2"; Import-Module "{0}"; "$function:TabExpansion2" -eq $before; $null = TabExpansion2 "Invoke-Inpaint -Provider "; "$function:TabExpansion2" -eq $before; Remove-Module Inpaint; "$function:TabExpansion2" -eq $before'
        Invoke-ShellProgram -NoProfile -Command ($script -replace '\{0\}', (Get-ModulePath)) | Should -Be 'True', 'False', 'True'
    }

    It 'prefers what a part of a name begins with to what merely stands in it' {
        $offered = (Get-Completion 'Invoke-Inpaint -Provider Fal -Model lora').CompletionText
        $offered[0] | Should -Match '(^|[/._-])lora'
        $offered | Should -Not -Contain 'fal-ai/bria/eraser'
    }
}

Describe 'A prompt of the shell for a missing value' {
    It 'has its help: <Command>' -ForEach $commands {
        foreach ($parameter in (Get-Command $Command).Parameters.Values) {
            foreach ($set in $parameter.ParameterSets.Values.Where({ $_.IsMandatory })) {
                $set.HelpMessage | Should -Not -BeNullOrEmpty -Because "-$($parameter.Name) is mandatory"
            }
        }
    }
}
