@{
    RootModule             = 'Inpaint.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '6f0c1d0e-3b7a-4c57-9a53-2f8b8f1d7c64'
    Author                 = 'The Inpaint contributors'
    CompanyName            = 'The Inpaint contributors'
    Copyright              = '(c) The Inpaint contributors. MIT License.'
    Description            = 'Repaints the masked parts of pictures with fal.ai, gateways that resell its models, ModelsLab, or a built-in fill. Submits each paid job once, records it in a journal, and saves the results to files.'
    PowerShellVersion      = '7.6'
    CompatiblePSEditions   = @('Core')
    # Before the types, so that another build than the one that is loaded is refused for what it is.
    RequiredAssemblies     = @('Inpaint.dll')
    FormatsToProcess       = @('Inpaint.Format.ps1xml')
    TypesToProcess         = @('Inpaint.Types.ps1xml')
    CmdletsToExport        = @(
        'Compare-InpaintImage'
        'Edit-InpaintMask'
        'Export-InpaintGallery'
        'Find-InpaintModel'
        'Get-InpaintPlan'
        'Get-InpaintProvider'
        'Get-InpaintStatus'
        'Invoke-Inpaint'
        'New-InpaintImage'
        'New-InpaintMask'
        'Receive-InpaintJob'
        'Remove-InpaintJob'
        'Remove-InpaintProvider'
        'Save-InpaintImage'
        'Set-InpaintProvider'
        'Show-InpaintImage'
        'Start-InpaintJob'
        'Stop-InpaintJob'
        'Test-InpaintMask'
        'Test-InpaintProvider'
        'Wait-InpaintJob'
    )
    AliasesToExport        = @('Get-InpaintJob')
    FunctionsToExport      = @()
    VariablesToExport      = @()
    DscResourcesToExport   = @()
    PrivateData            = @{
        PSData = @{
            Tags         = @('Inpainting', 'Image', 'AI', 'fal', 'ModelsLab', 'Diffusion', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            ProjectUri   = 'https://inpaint.example/'
            LicenseUri   = 'https://inpaint.example/LICENSE'
            IconUri      = 'https://inpaint.example/docs/pictures/icon.png'

            # The build puts the newest section of CHANGELOG.md here.
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}
