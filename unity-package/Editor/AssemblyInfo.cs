using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("VibeSync.Editor.Tests")]
