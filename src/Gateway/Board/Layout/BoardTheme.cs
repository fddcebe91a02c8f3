using MudBlazor;

namespace ShitOps.Gateway.Board.Layout;

/// <summary>The colours, dark and light; texts keep a contrast of 4.5 to their ground (WCAG 2.2, 1.4.3).</summary>
internal static class BoardTheme
{
    private static readonly string[] Fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"];

    public static readonly MudTheme Theme = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#1d4ed8",
            Secondary = "#7c3aed",
            AppbarBackground = "#0f172a",
            AppbarText = "#f8fafc",
            Background = "#f1f5f9",
            Surface = "#ffffff",
            DrawerBackground = "#ffffff",
            DrawerText = "#0f172a",
            DrawerIcon = "#334155",
            TextPrimary = "#0f172a",
            TextSecondary = "#475569",
            TextDisabled = "#5b6675",
            ActionDisabled = "#5b6675",
            ActionDisabledBackground = "#e2e8f0",
            Error = "#b91c1c",
            Warning = "#92400e",
            Success = "#166534",
            Info = "#075985",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#93c5fd",
            PrimaryContrastText = "#0b1220",
            Secondary = "#c4b5fd",
            AppbarBackground = "#0b1220",
            AppbarText = "#e2e8f0",
            Background = "#0f172a",
            Surface = "#1e293b",
            DrawerBackground = "#111c31",
            DrawerText = "#e2e8f0",
            DrawerIcon = "#cbd5e1",
            TextPrimary = "#e2e8f0",
            TextSecondary = "#b6c2d2",
            TextDisabled = "#a3b0c2",
            ActionDisabled = "#a3b0c2",
            ActionDisabledBackground = "#2a3852",
            Error = "#fca5a5",
            ErrorContrastText = "#0b1220",
            Warning = "#fcd34d",
            WarningContrastText = "#0b1220",
            Success = "#86efac",
            SuccessContrastText = "#0b1220",
            Info = "#7dd3fc",
            InfoContrastText = "#0b1220",
            ActionDefault = "#cbd5e1",
        },
        Typography = new Typography { Default = new DefaultTypography { FontFamily = Fonts, FontSize = "0.9rem" } },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
    };
}
