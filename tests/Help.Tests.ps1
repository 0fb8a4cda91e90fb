BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-Module (Get-ModulePath)
    $commands = Get-Command -Module Inpaint -CommandType Cmdlet | ForEach-Object { @{ Name = $_.Name } }
    $jobCommands = 'Invoke-Inpaint', 'Start-InpaintJob', 'New-InpaintImage', 'Get-InpaintStatus', 'Save-InpaintImage', 'Set-InpaintProvider' |
        ForEach-Object { @{ Name = $_ } }
    $topics = Get-ChildItem $PSScriptRoot/../docs/en-US/about_*.md | ForEach-Object { @{ Name = $_.BaseName } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')

    $known = @((Get-Command -Module Inpaint).Name) + (Get-ChildItem (Join-Path (Split-Path (Get-ModulePath)) 'en-US/about_*.help.txt')).Name.Replace('.help.txt', '')

    # What the shell binds by itself, and what only wizards see, is nobody's to describe.
    $common = [System.Management.Automation.Cmdlet]::CommonParameters
    function Get-OwnParameter([string] $Name) {
        (Get-Command $Name).Parameters.Values |
            Where-Object { $_.Name -notin $common -and $_.Attributes.Where({ $_ -is [Parameter] -and -not $_.DontShow }) } |
            ForEach-Object Name | Sort-Object
    }

    function Get-Text($Paragraphs) { ($Paragraphs | ForEach-Object Text) -join "`n" }
}

Describe 'Help of <Name>' -ForEach $commands {
    BeforeAll {
        $help = Get-Help $Name -Full
        $described = @($help.parameters.parameter | Where-Object { $_ })
    }

    It 'has a synopsis that is a sentence and not the syntax' {
        $help.Synopsis | Should -Match '^[A-Z].+\.\s*$'
        $help.Synopsis | Should -Not -Match ([regex]::Escape("$Name ["))
    }

    It 'has a description' {
        (Get-Text $help.description).Length | Should -BeGreaterThan 150
    }

    It 'describes exactly the parameters that the command has' {
        $described.name | Sort-Object | Should -Be @(Get-OwnParameter $Name)
    }

    It 'says something about every parameter' {
        $described | Where-Object { (Get-Text $_.description).Length -lt 12 } | ForEach-Object name | Should -BeNullOrEmpty
    }

    It 'tells required, position, aliases and pipeline input as the command has them' {
        foreach ($parameter in $described) {
            $real = (Get-Command $Name).Parameters[$parameter.name]
            $declared = @($real.Attributes.Where({ $_ -is [Parameter] }))
            $parameter.required | Should -Be "$(-not $declared.Where({ -not $_.Mandatory }))" -Because $parameter.name
            ($parameter.position -ne 'named') | Should -Be ([bool] $declared.Where({ $_.Position -ge 0 })) -Because $parameter.name
            ($parameter.pipelineInput -ne 'False') |
                Should -Be ([bool] $declared.Where({ $_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName })) -Because $parameter.name
            $aliases = $parameter.aliases -eq 'none' ? @() : @($parameter.aliases -split ', ')
            $aliases | Sort-Object | Should -Be @($real.Aliases | Sort-Object) -Because $parameter.name
        }
    }

    It 'has a syntax for every parameter set' {
        @($help.syntax.syntaxItem).Count | Should -Be (Get-Command $Name).ParameterSets.Count
        $shown = $help.syntax.syntaxItem.parameter.name | Sort-Object -Unique
        $shown | Should -Be @(Get-OwnParameter $Name)
    }

    It 'names what comes in and what goes out' {
        Get-Text $help.inputTypes.inputType.description | Should -Not -BeNullOrEmpty
        Get-Text $help.returnValues.returnValue.description | Should -Not -BeNullOrEmpty
    }

    It 'has at least two examples with words about them' {
        $examples = @($help.examples.example)
        $examples.Count | Should -BeGreaterOrEqual 2
        $examples | Where-Object { -not (Get-Text $_.remarks).Trim() } | ForEach-Object title | Should -BeNullOrEmpty
    }

    It 'has no commands outside of its examples, where nobody would run them' {
        $page = Get-Content "$PSScriptRoot/../docs/en-US/$Name.md" -Raw
        [regex]::Matches($page, '(?m)^```powershell').Count | Should -Be @($help.examples.example).Count
    }

    It 'has examples that parse and use only what the commands have' {
        foreach ($example in $help.examples.example) {
            $problems = $null
            $script = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $problems)
            $problems | Should -BeNullOrEmpty -Because $example.title
            $example.code | Should -Match ([regex]::Escape($Name.Split('-')[1])) -Because $example.title
            foreach ($call in $script.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                $command = Get-Command $call.GetCommandName() -Module Inpaint -ErrorAction Ignore
                $given = $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] } | ForEach-Object ParameterName
                $given | Where-Object { $command -and -not $command.Parameters.ContainsKey($_) } | Should -BeNullOrEmpty -Because $example.title
                $call.GetCommandName() -like '*Inpaint*' -and -not $command | Should -BeFalse -Because $call.GetCommandName()
            }
        }
    }

    It 'has links that lead somewhere' {
        $links = @($help.relatedLinks.navigationLink)
        $links.Count | Should -BeGreaterThan 0
        foreach ($link in $links | Where-Object { -not $_.uri }) {
            $link.linkText -in $known | Should -BeTrue -Because $link.linkText
        }
    }
}

Describe 'Help of the main command <Name>' -ForEach $jobCommands {
    It 'has at least three examples' {
        @((Get-Help $Name -Full).examples.example).Count | Should -BeGreaterOrEqual 3
    }
}

Describe 'The examples' {
    BeforeAll {
        $emulator = Start-Emulator

        # The files that the examples speak of.
        $desk = Join-Path $TestDrive 'desk'
        foreach ($name in 'ball', 'dog', 'photo') { $null = New-TestPair -Folder $desk -Name $name }
        $null = New-TestPicture -Path $desk/room.png
        Copy-Item $PSScriptRoot/../samples/pictures/dated.png $desk
        foreach ($name in 'sofa', 'window') { $null = New-TestPicture -Path $desk/${name}_mask.png -Kind Mask }
        $null = New-TestPicture -Path $desk/seat_mask.png -Width 1024 -Height 768 -Kind Mask
        foreach ($name in 'bench', 'dog') { $null = New-TestPair -Folder $desk/shots -Name $name }
        foreach ($name in 'photo', 'shots/bench') { Copy-Item $desk/$name.png $desk/$name.jpg }
        $null = New-Item -ItemType Directory -Path $desk/site/pictures
        'Image,Mask,Prompt,Strength', 'dog.png,dog_mask.png,an empty bench,', 'room.png,sofa_mask.png,a red sofa,0.9' | Set-Content $desk/jobs.csv
        'a stone bench, at dawn', 'a lighthouse' | Set-Content $desk/prompts.txt

        # Every service that the examples speak of is the emulator, and every key the one that it takes.
        function Set-Service {
            $null = Get-InpaintProvider | Where-Object Name -NotIn Test | Remove-InpaintProvider -Scope User
            $uris = @{ BaseUri = "$($emulator.Uri)/queue"; SyncUri = "$($emulator.Uri)/run"; StorageUri = "$($emulator.Uri)/rest"; PlatformUri = "$($emulator.Uri)/platform/v1"; ApiKey = 'test-id:test-secret' }
            Set-InpaintProvider Fal @uris
            Set-InpaintProvider Mine -Kind Fal @uris
        }

        function Invoke-Example($Shell, [string] $Code, [string] $JobId) {
            $Code = $Code.Replace('https://proxy.example/fal', "$($emulator.Uri)/queue") -replace ' -Confirm(?!:)', ' -Confirm:$false' -replace 'acf05732[-0-9a-f]*', $JobId -replace '-Port 8123', '-Port 0'
            $Shell.Commands.Clear()
            $null = $Shell.AddScript($Code)
            $Shell.Invoke()
        }
    }

    AfterAll {
        $null = Get-InpaintProvider | Remove-InpaintProvider -Scope User
        Stop-Emulator
    }

    It 'of <Name> do what they say without an error' -ForEach $commands {
        Set-Service
        $job = Start-InpaintJob $desk/dog.png $desk/dog_mask.png 'an empty bench' -Provider Fal
        $shell = [powershell]::Create()
        $null = $shell.AddScript(@"
            Import-Module '$(Get-ModulePath)'; Set-Location '$desk'; `$ProgressPreference = 'SilentlyContinue'
            `$job = Get-InpaintStatus -Id $($job.Id)
            function Read-Host { ConvertTo-SecureString test-id:test-secret -AsPlainText -Force }
            function Get-Secret { Read-Host }
            # Nobody paints here.
            `$PSDefaultParameterValues = @{ 'Edit-InpaintMask:NoBrowser' = `$true; 'Edit-InpaintMask:TimeoutSec' = 1 }
"@).Invoke()
        foreach ($example in (Get-Help $Name -Full).examples.example) {
            Set-Service
            $null = Invoke-Example $shell $example.code $job.Id
            $shell.Streams.Error | ForEach-Object { "$_" } | Should -BeNullOrEmpty -Because $example.title
        }

        $shell.Dispose()
    }
}

Describe '<Name>' -ForEach $topics {
    It 'is found by Get-Help, with a synopsis' {
        Get-Help $Name | Out-String | Should -Match 'SHORT DESCRIPTION'
        (Get-Help $Name*).Synopsis | Should -Match '\.$' -Because 'the synopsis is its whole short description'
    }

    It 'has no Markdown left in it' {
        Get-Help $Name | Out-String | Should -Not -Match '```|\]\(|\*\*'
    }
}

Describe 'about_Inpaint' {
    It 'names every built-in provider, and where its key may lie' {
        $page = Get-Content $PSScriptRoot/../docs/en-US/about_Inpaint.md -Raw
        $table = $page.Substring($page.IndexOf('| provider | service |')).Split("`n`n")[0]
        $listed = [regex]::Matches($table, '(?m)^\| (\w+) \|') | ForEach-Object { $_.Groups[1].Value } | Where-Object { $_ -ne 'provider' }
        $listed | Should -Be @((Get-InpaintProvider).Name)
        foreach ($provider in Get-InpaintProvider | Where-Object { $_.NeedsKey }) {
            $row = ($table -split "`n") -like "| $($provider.Name) |*" -replace '\\', ''
            $variable = [regex]::Match($row, '[A-Z]+_[A-Z_]+').Value
            try {
                Set-Item "Env:$variable" 'a key'
                (Get-InpaintProvider $provider.Name).KeySource | Should -Be $variable
            }
            finally {
                Remove-Item "Env:$variable"
            }
        }
    }

    It 'lists every error id and no other' {
        $page = Get-Content $PSScriptRoot/../docs/en-US/about_Inpaint.md -Raw
        $table = $page.Substring($page.IndexOf('| id | meaning |')).Split("`n`n")[0]
        $listed = [regex]::Matches($table, '(?m)^\| (\w+) \|') | ForEach-Object { $_.Groups[1].Value } | Where-Object { $_ -ne 'id' }
        $listed | Sort-Object | Should -Be @([enum]::GetNames([Inpaint.InpaintErrorId]) | Sort-Object)
    }
}

Describe 'The help builder' {
    BeforeDiscovery {
        $mistakes = @(
            @{ Mistake = 'a missing section'; Old = '(?m)^## NOTES$'; New = '## OTHER'; Message = "'OTHER' stands where '## NOTES' must" }
            @{ Mistake = 'a section that is not there at all'; Old = '(?s)## RELATED LINKS.*$'; New = ''; Message = "The section '## RELATED LINKS' is missing" }
            @{ Mistake = 'an empty section'; Old = '(?s)(## NOTES\n).*?(?=## RELATED)'; New = '$1'; Message = "The section '## NOTES' is empty" }
            @{ Mistake = 'a fence that is not closed'; Old = '(?s)```\n(?!.*```\n).*$'; New = ''; Message = 'The fence is not closed' }
            @{ Mistake = 'a parameter without words'; Old = '(?s)(### -Name\n).*?(?=```yaml)'; New = '$1'; Message = "'-Name' says nothing" }
            @{ Mistake = 'a parameter that the command does not have'; Old = '### -Name'; New = '### -Nome'; Message = 'has no parameter -Nome' }
            @{ Mistake = 'a fact about a parameter that is not so'; Old = 'Position: 0'; New = 'Position: 3'; Message = "it is 'Position: 0'" }
            @{ Mistake = 'an example without a command'; Old = '(?s)(### Example 1: [^\n]*\n).*?```.*?```'; New = '$1'; Message = 'needs a fenced command' }
            @{ Mistake = 'examples out of order'; Old = '### Example 2'; New = '### Example 7'; Message = "must begin with 'Example 2: '" }
            @{ Mistake = 'a link to nowhere'; Old = 'Set-InpaintProvider\.md'; New = 'Nowhere.md'; Message = "The link 'Nowhere.md' leads to no file" }
        )
    }

    BeforeAll {
        $shellAssembly = [psobject].Assembly.Location
        $configuration = $env:INPAINT_TEST_CONFIGURATION ? $env:INPAINT_TEST_CONFIGURATION : 'Release'
        $builder = Join-Path $PSScriptRoot "../build/Inpaint.Help/bin/$configuration/net10.0/Inpaint.Help.dll"
        $module = Join-Path $PSScriptRoot "../src/Inpaint/bin/$configuration/net10.0/Inpaint.dll"
        function Build-Help([string] $Pages) { dotnet $builder $module $Pages (Join-Path $TestDrive out) $shellAssembly }
    }

    BeforeEach {
        $pages = Join-Path $TestDrive pages
        Remove-Item $pages -Recurse -Force -ErrorAction Ignore
        Copy-Item $PSScriptRoot/../docs/en-US $pages -Recurse
        $page = Join-Path $pages Get-InpaintProvider.md
    }

    It 'takes the pages as they are' {
        Build-Help $pages | Should -BeNullOrEmpty
        $LASTEXITCODE | Should -Be 0
    }

    It 'refuses <Mistake>, naming file and line' -ForEach $mistakes {
        $before = (Get-Content $page -Raw).ReplaceLineEndings("`n")
        $after = $before -replace $Old, $New
        $after | Should -Not -Be $before
        Set-Content $page $after -NoNewline
        $said = Build-Help $pages
        $LASTEXITCODE | Should -Be 1
        @($said -match 'Get-InpaintProvider\.md\(\d+\): error HELP: ' -like "*$Message*").Count | Should -BeGreaterOrEqual 1 -Because ($said -join "`n")
    }

    It 'points out <Gap>' -ForEach @(
        @{ Gap = 'a parameter that is not described'; Old = '(?s)### -Confirm\n.*?```\n.*?```\n'; New = ''; Message = 'Remove-InpaintProvider -Confirm is not described' }
        @{ Gap = 'an output type that is not named'; Old = '### Inpaint\.InpaintProvider'; New = '### Something'; Message = 'writes Inpaint.InpaintProvider' }
    ) {
        $page = Join-Path $pages ($Message -match '^Remove' ? 'Remove-InpaintProvider.md' : 'Get-InpaintProvider.md')
        (Get-Content $page -Raw).ReplaceLineEndings("`n") -replace $Old, $New | Set-Content $page -NoNewline
        (Build-Help $pages) -join "`n" | Should -Match "InpaintProvider\.md\(\d+\): warning HELP: .*$([regex]::Escape($Message))"
    }

    It 'points out a command without a page' {
        Remove-Item (Join-Path $pages Test-InpaintProvider.md)
        (Build-Help $pages) -join "`n" | Should -Match 'warning HELP: Test-InpaintProvider has no help page'
    }

    It 'refuses a page without a command' {
        (Get-Content $page -Raw).Replace('# Get-InpaintProvider', '# Get-InpaintWonder') | Set-Content (Join-Path $pages Get-InpaintWonder.md)
        (Build-Help $pages) -join "`n" | Should -Match 'The module has no command Get-InpaintWonder'
    }
}
