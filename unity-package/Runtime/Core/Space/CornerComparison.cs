namespace VibeSync.Core.Space
{
    /// <summary>Compares an attribute of Unity's vertices with the same attribute of canonical corners.</summary>
    static class CornerComparison
    {
        /// <summary>
        /// Compares vectors of three numbers, of which Unity's are mirrored. An attribute that both do not have is the
        /// same.
        /// </summary>
        /// <param name="native">The vectors of the vertices.</param>
        /// <param name="corners">The vertex of each corner.</param>
        /// <param name="canonical">The vectors that <paramref name="index"/> names.</param>
        /// <param name="index">The vector of each corner; null if there is one a corner.</param>
        public static bool AreMirrored(float[] native, int[] corners, float[] canonical, int[] index)
        {
            if (native == null || canonical == null) { return native == canonical; }
            for (int corner = 0; corner < corners.Length; corner++)
            {
                int left = corners[corner] * 3;
                int right = (index == null ? corner : index[corner]) * 3;
                if (-native[left] != canonical[right] || native[left + 1] != canonical[right + 1]
                    || native[left + 2] != canonical[right + 2])
                {
                    return false;
                }
            }
            return true;
        }

        /// <summary>Compares elements of <paramref name="width"/> numbers.</summary>
        /// <param name="native">The elements of the vertices.</param>
        /// <param name="corners">The vertex of each corner.</param>
        /// <param name="canonical">The elements of the corners.</param>
        public static bool AreSame(float[] native, int[] corners, int width, float[] canonical)
        {
            if (native == null || canonical == null) { return native == canonical; }
            int right = 0;
            foreach (int vertex in corners)
            {
                int left = vertex * width;
                for (int i = 0; i < width; i++)
                {
                    if (native[left + i] != canonical[right++]) { return false; }
                }
            }
            return true;
        }
    }
}
