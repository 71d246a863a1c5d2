namespace VibeSync.Core.Space
{
    /// <summary>Tells what the conversion of maps needs to know about images.</summary>
    public interface IMapImages
    {
        /// <summary>Returns whether the scene has an image, also one whose file is gone.</summary>
        bool IsKnown(string uuid);

        /// <summary>Returns whether there is a texture: of an image by its uuid, or made by the recipe of this name.</summary>
        bool IsPresent(string key);

        /// <summary>Returns whether Unity reads an alpha channel from the file of an image.</summary>
        bool HasAlpha(string uuid);

        /// <summary>Returns whether another texture can be made of an image.</summary>
        bool CanMix(string uuid);
    }
}
