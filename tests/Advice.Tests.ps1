# What the error records advise: in the words of a shell, and with a job that a provider has accepted never to pay for another.
BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path ([IO.Path]::GetTempPath()) 'inpaint-advice')
    $failures = [Enum]::GetValues([Inpaint.InpaintErrorId]).ForEach{ @{ Id = $_ } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $collectAll = 'Get-InpaintStatus | Receive-InpaintJob | Save-InpaintImage'
    $reruns = 'line again|anew|run it again|start the job|submit|resend|once more|try again'
    function Get-Advice($Id, [hashtable] $Job, [string] $Specific, [string] $Provider, [string] $Parameter) {
        $failure = [Inpaint.InpaintException]::new($Id, 'x')
        $set = @{ Job = $Job ? ([pscustomobject] $Job | ConvertTo-Json | ForEach-Object { [Text.Json.JsonSerializer]::Deserialize($_, [Inpaint.InpaintJob], $options) }) : $null; RecommendedAction = $Specific ? $Specific : $null; Provider = $Provider; Parameter = $Parameter }
        foreach ($name in $set.Keys) { if ($set[$name]) { [Inpaint.InpaintException].GetProperty($name).SetValue($failure, $set[$name]) } }
        [Inpaint.Pipeline.ShellAdvice]::For($failure)
    }
    $options = [Text.Json.JsonSerializerOptions]::new()
    $options.Converters.Add([Text.Json.Serialization.JsonStringEnumConverter]::new())
}

Describe 'Advice' {
    Context '<Id>' -ForEach $failures {
        It 'has advice of its own before there is a job' {
            $advice = Get-Advice $Id
            $advice | Should -Not -BeNullOrEmpty
            ($advice -eq 'See Get-Help about_Inpaint.') | Should -Be ($Id -eq 'UnexpectedError')
        }

        It 'takes what the failure itself advises' {
            Get-Advice $Id -Specific 'Look there.' | Should -Be 'Look there.'
        }

        It 'keeps a job that was accepted and is <State>' -ForEach 'InQueue', 'InProgress', 'Completed', 'Failed', 'Cancelled' {
            $advice = Get-Advice $Id @{ Id = 'job-7'; JournalId = 'j'; Provider = 'Fal'; State = $_ } 'Run the line again.'
            $advice | Should -BeLike '*job-7*'
            $advice | Should -Not -Match $reruns
            if ($_ -in 'Failed', 'Cancelled') { $advice | Should -BeLike '*Nothing is left to collect*' }
            else { $advice | Should -BeLike "*is paid for*$collectAll*" }
        }

        It 'finds a job that is saved by its id' {
            Get-Advice $Id @{ Id = 'job-7'; State = 'Completed'; SavedAt = [DateTimeOffset]::UnixEpoch } | Should -BeLike '*Get-InpaintStatus -Id job-7 |*'
        }
    }

    It 'adds the commands to what the engine advises: <Id> <Parameter>' -ForEach @(
        @{ Id = 'ApiKeyMissing'; Parameter = ''; Expected = 'Set-InpaintProvider Fal -ApiKey (Read-Host -AsSecureString) sets a key. Look there.' }
        @{ Id = 'ApiKeyMissing'; Parameter = 'Provider'; Expected = 'Set-InpaintProvider Fal -ApiKey (Read-Host -AsSecureString) -Default * Look there.' }
        @{ Id = 'InvalidParameter'; Parameter = 'Provider'; Expected = 'Add -Provider Fal or another*Set-InpaintProvider Fal -Default.' }
        @{ Id = 'SubmissionUncertain'; Parameter = ''; Expected = 'Look there. Receive-InpaintJob -Id *-Resume*Get-InpaintStatus*' }
        @{ Id = 'InvalidParameter'; Parameter = 'Seed'; Expected = 'Look there.' }
    ) {
        Get-Advice $Id -Specific 'Look there.' -Provider Fal -Parameter $Parameter | Should -BeLike $Expected
    }

    It 'names only parameters that <_> has' -ForEach (Get-Command -Module Inpaint -CommandType Cmdlet).Name {
        $command = Get-Command $_
        $subjects = $null, 'photo.jpg', 'https://example.com/photo.jpg', $TestDrive
        $parameters = $null, 'Mask', 'Model', 'Padding', 'Port', 'Metadata', 'Force', 'NoClobber', 'Provider', 'Strength', 'Loras', 'NameTemplate'
        $wrong = foreach ($id in [Enum]::GetValues([Inpaint.InpaintErrorId])) {
            foreach ($parameter in $parameters) {
                foreach ($subject in $subjects) {
                    foreach ($own in $null, 'Use MaskMode Black.') {
                        $failure = [Inpaint.InpaintException]::new($id, 'x')
                        $set = @{ Parameter = $parameter; Subject = $subject; RecommendedAction = $own; Provider = 'Fal' }
                        foreach ($name in $set.Keys) { if ($set[$name]) { [Inpaint.InpaintException].GetProperty($name).SetValue($failure, $set[$name]) } }
                        $advice = [Inpaint.Pipeline.ShellAdvice]::For($failure, $command)
                        $advice | Should -Not -BeNullOrEmpty

                        # The parameters of another command come after its name, in the same sentence.
                        foreach ($sentence in $advice -csplit '(?<=\.)\s+(?=[A-Z])') {
                            $words = ($sentence -csplit '(?:[A-Z][a-z]+-Inpaint\w+|Invoke-WebRequest|Get-ChildItem)\b', 2)[0]
                            foreach ($named in [regex]::Matches($words, '(?<!\w)-([A-Z]\w+)')) {
                                if (-not $command.Parameters.ContainsKey($named.Groups[1].Value)) { "$id $parameter`: $advice" }
                            }
                        }
                    }
                }
            }
        }
        $wrong | Select-Object -Unique | Should -BeNullOrEmpty
    }

    It 'says where <Command> can write instead of replacing a file' -ForEach @(
        @{ Command = 'Save-InpaintImage'; Expected = 'Choose another -Path or -Name, leave out -NoClobber, or add -Force to replace the file.' }
        @{ Command = 'Invoke-Inpaint'; Expected = 'Choose another -OutPath or -Name, leave out -NoClobber, or add -Force to replace the file.' }
        @{ Command = 'New-InpaintMask'; Expected = 'Choose another -Path, leave out -NoClobber, or add -Force to replace the file.' }
        @{ Command = 'Compare-InpaintImage'; Expected = 'Choose another -DifferencePath, leave out -NoClobber, or add -Force to replace the file.' }
        @{ Command = 'Receive-InpaintJob'; Expected = 'Choose another name, or allow the file to be replaced.' }
    ) {
        [Inpaint.Pipeline.ShellAdvice]::For([Inpaint.InpaintException]::new('OutputExists', 'x'), (Get-Command $Command)) | Should -Be $Expected
    }

    It 'does not call paid for what costs nothing' {
        $advice = Get-Advice 'ProviderUnavailable' @{ Id = 'job-7'; State = 'InProgress'; IsFree = $true }
        $advice | Should -Not -Match 'paid'
        $advice | Should -BeLike "*$collectAll*"
    }
}

Describe 'The id of a value that cannot be used' {
    It 'names the parameter of the command, or the option: <Property>' -ForEach @(
        @{ Property = 'Strength'; Id = 'InvalidParameter.Strength' }
        @{ Property = 'Loras'; Id = 'InvalidParameter.Lora' }
        @{ Property = 'SafetyChecker'; Id = 'InvalidParameter.NoSafetyChecker' }
        @{ Property = 'reference_strength'; Id = 'InvalidParameter.reference_strength' }
        @{ Property = 'odd name, with a comma'; Id = 'InvalidParameter.odd_name__with_a_comma' }
        @{ Property = $null; Id = 'InvalidParameter' }
    ) {
        $failure = [Inpaint.InpaintException]::new('InvalidParameter', 'It cannot be used.', $null)
        [Inpaint.InpaintException].GetProperty('Parameter').SetValue($failure, $Property)
        $records = (Get-Command Invoke-Inpaint).ImplementingType.Assembly.GetType('Inpaint.Pipeline.ErrorRecords')
        $records.GetMethod('From').Invoke($null, @($null, $failure, $null, $null)).FullyQualifiedErrorId | Should -Be $Id
    }
}
