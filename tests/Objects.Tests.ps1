# What the module's objects are like in a shell: as text, in tables, as JSON and CSV, and when they are computed with.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $mask = Join-Path $pictures 'dog_mask.png'
    $null = Start-Emulator
    $common = @{ Provider = 'Test'; Prompt = 'an empty bench' }
    Push-Location $pictures
    $rows = [pscustomobject] @{ Image = 'dog.png'; Mask = 'dog_mask.png'; Title = 'the dog' }, [pscustomobject] @{ Image = 'dog.png'; Mask = 'dog_mask.png'; Title = 'again'; Count = 2 }
    $results = $rows | Invoke-Inpaint @common -Seed 42 -ThrottleLimit 1
    $job = Start-InpaintJob $dog $mask @common | Wait-InpaintJob

    $emitted = @(
        $results[0]
        $results[0].Images[0]
        $job
        $job | Get-InpaintStatus -IncludeLog
        $results[0].Cost
        $rows[0] | Get-InpaintPlan @common
        Get-InpaintPlan nowhere.png -ErrorAction SilentlyContinue
        Get-InpaintProvider
        (Get-InpaintProvider Fal).CapabilitiesFor('Inpaint')
        (Get-InpaintProvider Fal).CapabilitiesFor('Inpaint').Parameters | Where-Object Name -EQ OutputFormat
        Find-InpaintModel -Provider Local
        Find-InpaintModel -Provider ModelsLab
        Test-InpaintMask $dog $mask -Detailed
        Compare-InpaintImage $dog $dog
    )

    # The types of the module that objects consist of.
    function Get-TypesOf([type[]] $Types) {
        $found = [System.Collections.Generic.HashSet[type]]::new()
        $next = [System.Collections.Generic.Queue[type]]::new($Types)
        while ($next.Count) {
            $type = $next.Dequeue()
            foreach ($part in @($type) + $type.GetGenericArguments()) {
                if ($part.Namespace -eq 'Inpaint' -and $found.Add($part)) { $part.GetProperties().PropertyType.ForEach({ $next.Enqueue($_) }) }
                elseif ($part -ne $type) { $next.Enqueue($part) }
            }
        }
        $found
    }
}

AfterAll {
    Pop-Location
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'The cost' {
    It 'is summed' {
        ($results | Measure-Object Cost -Sum).Sum | Should -Be (($results.Cost.Amount | Measure-Object -Sum).Sum)
        ($results | Measure-Object Cost -Maximum).Maximum | Should -Be $results[1].Cost
    }

    It 'is compared with numbers and with its own text' {
        $cost = [Inpaint.InpaintCost]::new(0.01)
        $cost -gt 0.009 | Should -BeTrue
        $cost -lt 1 | Should -BeTrue
        0.02 -gt $cost | Should -BeTrue
        $cost -eq 0.01 | Should -BeTrue
        $cost -ne 0.02 | Should -BeTrue
        $cost -le '$0.010' | Should -BeTrue
        @($results | Where-Object Cost -GT 0) | Should -HaveCount 2
    }

    It 'is computed with' {
        $cost = [Inpaint.InpaintCost]::new(0.01)
        "$($cost + $cost)" | Should -Be '$0.020'
        "$($cost * 100)" | Should -Be '$1.00'
        "$(1 + $cost)" | Should -Be '$1.01'
        [decimal] $cost | Should -Be 0.01
    }

    It 'is sorted' {
        ($results | Sort-Object Cost -Descending).Row.Title | Should -Be 'again', 'the dog'
    }

    It 'is printed with its currency, by itself too' {
        "$([Inpaint.InpaintCost]::new(0.01))" | Should -Be '$0.010'
        ([Inpaint.InpaintCost]::new(0.01) | Out-String).Trim() | Should -Be '$0.010'
        '{0:0.0000}' -f [Inpaint.InpaintCost]::new(0.01) | Should -Be '$0.0100'
    }

    It 'is nothing for a job that was cancelled' {
        Reset-Emulator
        Send-Emulator scripts @{ preset = 'heldInQueue' }
        $held = Start-InpaintJob $dog $mask @common
        $held.Cost.Amount | Should -BeGreaterThan 0
        $stopped = $held | Stop-InpaintJob | Wait-InpaintJob
        $stopped.State | Should -Be 'Cancelled'
        "$($stopped.Cost)" | Should -Be '$0.000'
        $stopped.Cost.IsEstimate | Should -BeFalse
        Reset-Emulator
    }
}

Describe 'A result and a job' {
    It 'lead back to the picture and to the row' {
        foreach ($one in $results[0], $results[0].Job) {
            $one.Source | Should -Be $dog.FullName
            $one.File | Should -Be $dog.FullName
            $one.Row.Title | Should -Be 'the dog'
            $one.Row.PSObject.Properties.Name | Should -Be 'Image', 'Mask', 'Title'
        }
        $job.Row | Should -BeNullOrEmpty
    }

    It 'lead back to a row with a column whose name a dictionary has too' {
        $columns = [System.Collections.Generic.Dictionary[string, string]]::new()
        $columns.Add('Count', '')
        $columns.Add('Keys', 'x')
        ([Inpaint.InpaintJob] @{ Columns = $columns }).Row.Keys | Should -Be 'x'
    }

    It 'name no file for a URL' {
        [Inpaint.InpaintJob] @{ Source = 'https://example.com/dog.png' } | ForEach-Object File | Should -BeNullOrEmpty
    }

    It 'give back a row that can be run again' {
        ($results[1].Row | Invoke-Inpaint @common).Images | Should -HaveCount 2
    }
}

Describe 'Every object' {
    It 'has a text that says what it is' {
        foreach ($one in $emitted) {
            "$one" | Should -Not -BeNullOrEmpty
            "$one" | Should -Not -Match '[{}]|Inpaint\.|System\.'
        }
        "$($results[1])" | Should -Match '^dog\.png Test 2 images \$'
    }

    It 'has readable cells in a CSV file' {
        foreach ($one in $emitted) {
            foreach ($cell in ($one | Select-Object * -ExcludeProperty Row | ConvertTo-Csv | ConvertFrom-Csv).PSObject.Properties) {
                $cell.Value | Should -Not -Match '\{ |Inpaint\.\w+|System\.\w+' -Because "$($one.GetType().Name).$($cell.Name) is a column"
            }
        }
        ($results[1] | ConvertTo-Csv | ConvertFrom-Csv).Images | Should -Match '^http\S+; http\S+$'
    }

    It 'has words for enumerations in JSON' {
        foreach ($type in Get-TypesOf $emitted.ForEach({ $_.GetType() })) {
            # ConvertTo-Json writes the names of those enumerations only whose values JSON's numbers may not hold.
            if ($type.IsEnum) { [Enum]::GetUnderlyingType($type) | Should -Be ([long]) -Because "$type stands in JSON" }
        }
        $json = $results[0] | ConvertTo-Json | ConvertFrom-Json
        $json.Job.State | Should -Be 'Completed'
        $json.Job.Operation | Should -Be 'Inpaint'
        $json.Cost.Amount | Should -Be $results[0].Cost.Amount
        $json.Images[0].Url | Should -Be $results[0].Images[0].Url
        $json.Row.Title | Should -Be 'the dog'
    }

    It 'is whole in JSON at the usual depth, without a warning' {
        foreach ($one in $emitted) {
            $one | ConvertTo-Json -WarningVariable truncated | Should -Not -Match '"[^"]*(Inpaint\.\w+|System\.\w+)|\w+ \{ ' -Because "it is $($one.GetType().Name)"
            $truncated | Should -BeNullOrEmpty -Because "it is $($one.GetType().Name)"
        }
        # Providers and plans come several at a time, which takes a level.
        Get-InpaintProvider | ConvertTo-Json -WarningVariable truncated | Out-Null
        $truncated | Should -BeNullOrEmpty
    }

    It 'is among those of these tests' {
        $types = (Get-Command -Module Inpaint).OutputType.Type | Where-Object Namespace -EQ Inpaint | Select-Object -Unique
        $types | Should -Contain ([Inpaint.InpaintPlan])
        $types | Where-Object { $_ -notin $emitted.ForEach({ $_.GetType() }) } | Should -BeNullOrEmpty
    }

    It 'comes back from JSON as it was, picture by picture' {
        $result = $rows[1] | Invoke-Inpaint @common -Seed 42
        $back = $result | ConvertTo-Json | ConvertFrom-Json
        ($back | Save-InpaintImage -Path "$TestDrive/json" -Name '{Source}-{Seed}-{Title}-{Index}').Name | Should -Be 'dog-42-again-0.jpg', 'dog-42-again-1.jpg'
        ($result.Images[0] | ConvertTo-Json | ConvertFrom-Json | Save-InpaintImage -Path "$TestDrive/alone" -Name '{Source}-{Seed}-{Title}').Name | Should -Be 'dog-42-again-0.jpg'
        ($result | Select-Object Images, Job | Save-InpaintImage -Path "$TestDrive/selected" -Name '{Source}-{Seed}-{Title}-{Index}').Name | Should -Be 'dog-42-again-0.jpg', 'dog-42-again-1.jpg'
    }

    It 'comes back from JSON as one of several with the depth that the help states' {
        $several = 1..2 | ForEach-Object { $rows[1] | Invoke-Inpaint @common -Seed (50 + $_) }
        $json = $several | ConvertTo-Json -Depth 3 -WarningVariable truncated
        $truncated | Should -BeNullOrEmpty
        $json | Should -Be "[`n$(($several | ForEach-Object { ($_ | ConvertTo-Json) -replace '(?m)^', '  ' }) -join ",`n")`n]".ReplaceLineEndings()
        ($json | ConvertFrom-Json | Save-InpaintImage -Path "$TestDrive/several" -Name '{Source}-{Seed}-{Index}').Name | Sort-Object | Should -Be 'dog-51-0.jpg', 'dog-51-1.jpg', 'dog-52-0.jpg', 'dog-52-1.jpg'
    }

    It 'sums exactly where decimal numbers are added' {
        $costs = [Inpaint.InpaintCost]::new(0.1), [Inpaint.InpaintCost]::new(0.2)
        [Linq.Enumerable]::Sum([decimal[]] $costs) | Should -BeExactly 0.3d
        $many = 1..195 | ForEach-Object { [pscustomobject] @{ Cost = [Inpaint.InpaintCost]::new(0.010035d) } }
        "$([math]::Round(($many | Measure-Object Cost -Sum).Sum, 3))" | Should -Be '1.957'
        [Linq.Enumerable]::Sum([decimal[]] $many.Cost) | Should -BeExactly 1.956825d
    }

    It 'has no members that only a compiler needs' {
        foreach ($one in $emitted) {
            foreach ($member in @($one) + @($one.PSObject.Properties.Value).Where({ $null -ne $_ -and "$($_.GetType().Namespace)" -eq 'Inpaint' -and -not $_.GetType().IsEnum }) | Get-Member) {
                $member.Name | Should -Match '^\w+$' -Because $member.TypeName
                $member.Name | Should -Not -BeIn 'EqualityContract', 'PrintMembers', 'Deconstruct' -Because $member.TypeName
            }
        }
        # Those that are not at hand.
        foreach ($type in Get-TypesOf $emitted.ForEach({ $_.GetType() })) {
            $type.GetMethods().Where({ $_.Name -in '<Clone>$', 'Deconstruct' -and -not $_.IsSpecialName }) | Should -BeNullOrEmpty -Because "$type is shown"
        }
    }

    It 'is indexed, counted and enumerated as an array is' {
        $results[1].Images[-1].Index | Should -Be 1
        $results[1].Images.Count | Should -Be 2
        @($results.Images) | Should -HaveCount 3
        $results[1].HasNsfwConcepts -contains $true | Should -BeFalse
        $job.Parameters['image'] | Should -Be $dog.FullName
        $job.ProviderData.Keys | Should -Contain 'status_url'
    }
}

Describe 'The name of a picture in a table' {
    It 'is the last part of <Source>' -ForEach @(
        @{ Source = 'shots/dog.png'; Expected = 'dog.png' }
        @{ Source = 'C:\shots\dog.png'; Expected = 'dog.png' }
        @{ Source = 'shots/take#2.png'; Expected = 'take#2.png' }
        @{ Source = 'https://example.com/shots/dog.png?width=64#top'; Expected = 'dog.png' }
    ) {
        [Inpaint.Pipeline.ViewText]::Name($Source, 'a lion') | Should -Be $Expected
    }

    It 'is the prompt where there is no picture' {
        [Inpaint.Pipeline.ViewText]::Name($null, 'a lion') | Should -Be 'a lion'
    }
}

Describe 'A table of <Name>' -ForEach @(
    @{ Name = 'results'; Objects = { $results }; Columns = 'Picture', 'State', 'Provider', 'Took', 'Cost', 'Images', 'Size'; Wide = 'Prompt', 'Model', 'Seed'; Narrow = 5 }
    @{ Name = 'jobs'; Objects = { $job }; Columns = 'Picture', 'State', 'Provider', 'Age', 'Cost', 'Id'; Wide = 'Prompt', 'Model', 'Seed'; Narrow = 5 }
    @{ Name = 'pictures'; Objects = { $results.Images }; Columns = 'Index', 'Size', 'Flagged', 'Seed', 'Url'; Wide = @(); Narrow = 5 }
    @{ Name = 'plans'; Objects = { $rows | Get-InpaintPlan -Provider Local }; Columns = 'Picture', 'Mask', 'Size', 'Provider', 'Cost', 'Finding'; Wide = 'Model'; Narrow = 5 }
    @{ Name = 'providers'; Objects = { Get-InpaintProvider }; Columns = 'Name', 'Kind', 'Default', 'Key', 'Model'; Wide = 'BaseUri'; Narrow = 5 }
    @{ Name = 'models'; Objects = { Find-InpaintModel -Provider Local }; Columns = 'Id', 'Name', 'Price', 'Operation'; Wide = 'Updated'; Narrow = 3 }
    @{ Name = 'masks'; Objects = { Test-InpaintMask $dog $mask -Detailed }; Columns = 'Mask', 'Usable', 'Size', 'Coverage', 'Regions', 'Finding'; Wide = @(); Narrow = 6 }
    @{ Name = 'comparisons'; Objects = { Compare-InpaintImage $dog $dog }; Columns = 'Difference', 'Changed', 'Pixels', 'Largest', 'Mean', 'Size'; Wide = @(); Narrow = 6 }
) {
    BeforeAll {
        function Get-Lines([int] $Width) { (& $Objects | Format-Table | Out-String -Width $Width) -split '\r?\n' | Where-Object { $_ } }
        function Get-Heading([int] $Width) {
            $lines = Get-Lines $Width
            $lines.ForEach({ $_.Length }) | Should -Not -BeGreaterThan $Width
            # A heading that is broken over lines would stand above the rule.
            $lines[1] | Should -Match '^[\s-]+$'
            -split $lines[0]
        }
    }

    It 'has its columns on 80, and the first of them on 60, cut nowhere' {
        Get-Heading 80 | Select-Object -First $Columns.Count | Should -Be $Columns
        Get-Heading 60 | Select-Object -First $Narrow | Should -Be $Columns[0..($Narrow - 1)]
    }

    It 'has more columns on 200' {
        Get-Heading 200 | Should -Be (@($Columns) + $Wide)
    }

    It 'offers a window with a grid these columns' {
        # Out-GridView and Out-ConsoleGridView show what Format-Table would, one column each.
        $view = (Get-FormatData (& $Objects | Select-Object -First 1).GetType().FullName).FormatViewDefinition.Where({ $_.Control -is [System.Management.Automation.TableControl] })[0]
        $view.Control.Headers.Label | Should -Be (@($Columns) + $Wide)
    }
}

Describe 'Text for a file or another program' {
    It 'has neither colours nor other escapes with NO_COLOR, errors and warnings included' {
        $env:NO_COLOR = '1'
        try {
            $script = "Import-Module '$(Get-ModulePath)'; `$r = Invoke-Inpaint '$dog' '$mask' -Provider Local; `$r; `$r | Format-List; `$r.Job; `$r.Images; Get-InpaintProvider; Test-InpaintMask '$dog' '$mask'; Get-InpaintPlan '$dog' '$mask' -Provider Local; Invoke-Inpaint none.png '$mask' -Provider Local; Show-InpaintImage '$dog'"
            $text = Invoke-ShellProgram -NoProfile -Command $script 2>&1 | Out-String
        }
        finally { Remove-Item Env:NO_COLOR }
        $text | Should -Match 'dog\.png'
        $text | Should -Match 'There is no file'
        $text | Should -Not -Match '\e'
    }
}

Describe 'A list' {
    It 'says model, seed and whether the cost is an estimate' {
        $text = $results[0] | Format-List | Out-String
        $text | Should -Match '(?m)^Model +: fal-ai/flux-lora/inpainting'
        $text | Should -Match '(?m)^Seed +: 42'
        ([Inpaint.InpaintJob] @{ Cost = [Inpaint.InpaintCost]::new(0.01) } | Format-List | Out-String) | Should -Match '(?m)^Cost +: about \$0\.010'
    }

    It 'is the same for what came back from Clixml' {
        $results[0] | Export-Clixml "$TestDrive/result.xml"
        $back = Import-Clixml "$TestDrive/result.xml"
        ($back | Format-List | Out-String) | Should -Be ($results[0] | Format-List | Out-String)
        ($back | Format-Table | Out-String -Width 80) | Should -Be ($results[0] | Format-Table | Out-String -Width 80)
    }

    It 'says what is wrong with a mask, and what to do' {
        $null = New-TestPicture "$TestDrive/small.png" -Width 32 -Height 32 -Kind Mask
        $text = Test-InpaintMask $dog "$TestDrive/small.png" -Detailed -Provider Local | Format-List | Out-String -Width 200
        foreach ($line in 'Usable +: no', 'ErrorId +: MaskSizeMismatch', 'Error +: small\.png is 32x32', 'Advice +: Add -ResizeMask', 'MaskSize +: 32x32') { $text | Should -Match "(?m)^$line" }
        $text = Test-InpaintMask $dog $mask -Detailed -Provider Local | Format-List | Out-String -Width 200
        foreach ($line in 'Usable +: yes', 'Coverage +: \d+\.\d %', 'Bounds +: \d+x\d+ at \d+,\d+', 'Regions +: 1') { $text | Should -Match "(?m)^$line" }
        $text | Should -Not -Match 'Error|Advice|Warnings'
    }

    It 'says how much of a picture changed' {
        $report = Compare-InpaintImage $dog $mask $mask
        $text = $report | Format-List | Out-String -Width 200
        foreach ($line in 'Unchanged +: no', "Changed +: $($report.ChangedPixels) of $($report.KeptPixels) pixels outside the mask, \d+\.\d\d %", "Largest +: $($report.MaxDifference) of 255", 'Size +: \d+x\d+, 8 bits') { $text | Should -Match "(?m)^$line" }
        Compare-InpaintImage $dog $dog | Format-List | Out-String -Width 200 | Should -Match '(?m)^Changed +: 0 of \d+ pixels, 0\.00 %'
    }
}
