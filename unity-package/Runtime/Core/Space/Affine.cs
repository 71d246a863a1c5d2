namespace VibeSync.Core.Space
{
    /// <summary>A map of space that keeps straight lines, in double precision: three rows of four numbers.</summary>
    public sealed class Affine
    {
        const int Rows = 3, Columns = 4;

        /// <summary>The map that moves nothing.</summary>
        public static readonly Affine Identity = new Affine(new double[,] { { 1, 0, 0, 0 }, { 0, 1, 0, 0 }, { 0, 0, 1, 0 } });

        readonly double[,] numbers;

        Affine(double[,] numbers)
        {
            this.numbers = numbers;
        }

        public double this[int row, int column] => numbers[row, column];

        /// <summary>Returns the map from the space of an object to that of the one above.</summary>
        public static Affine Of(in NativeTransform place)
        {
            double x = place.TurnX, y = place.TurnY, z = place.TurnZ, w = place.TurnW;
            double[] scale = { place.ScaleX, place.ScaleY, place.ScaleZ };
            double[,] turned =
            {
                { 1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), place.X },
                { 2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w), place.Y },
                { 2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y), place.Z },
            };
            for (int row = 0; row < Rows; row++)
            {
                for (int column = 0; column < scale.Length; column++) { turned[row, column] *= scale[column]; }
            }
            return new Affine(turned);
        }

        /// <summary>Returns the map that does <paramref name="first"/> and then this one.</summary>
        public Affine After(Affine first)
        {
            double[,] product = new double[Rows, Columns];
            for (int row = 0; row < Rows; row++)
            {
                for (int column = 0; column < Columns; column++)
                {
                    double sum = column == Rows ? numbers[row, Rows] : 0;
                    for (int i = 0; i < Rows; i++) { sum += numbers[row, i] * first.numbers[i, column]; }
                    product[row, column] = sum;
                }
            }
            return new Affine(product);
        }

        /// <summary>Returns the map that undoes this one; null for a map that flattens space.</summary>
        public Affine Inverse()
        {
            double[,] n = numbers, inverse = new double[Rows, Columns];
            double Cofactor(int row, int column)
            {
                int a = (row + 1) % Rows, b = (row + 2) % Rows, c = (column + 1) % Rows, d = (column + 2) % Rows;
                return n[a, c] * n[b, d] - n[a, d] * n[b, c];
            }
            double size = 0;
            for (int column = 0; column < Rows; column++) { size += n[0, column] * Cofactor(0, column); }
            if (size == 0 || double.IsNaN(1 / size)) { return null; }
            for (int row = 0; row < Rows; row++)
            {
                for (int column = 0; column < Rows; column++) { inverse[row, column] = Cofactor(column, row) / size; }
            }
            for (int row = 0; row < Rows; row++)
            {
                for (int i = 0; i < Rows; i++) { inverse[row, Rows] -= inverse[row, i] * n[i, Rows]; }
            }
            return new Affine(inverse);
        }

        /// <summary>Returns whether both are the same up to rounding.</summary>
        public bool IsClose(Affine other)
        {
            bool isClose = true;
            for (int row = 0; row < Rows; row++)
            {
                for (int column = 0; column < Columns; column++)
                {
                    isClose &= Scene.Component.AreClose(numbers[row, column], other.numbers[row, column]);
                }
            }
            return isClose;
        }

        /// <summary>Returns where a point goes.</summary>
        public double[] Map(double x, double y, double z)
        {
            double[] mapped = new double[Rows];
            for (int row = 0; row < Rows; row++)
            {
                mapped[row] = numbers[row, 0] * x + numbers[row, 1] * y + numbers[row, 2] * z + numbers[row, Rows];
            }
            return mapped;
        }
    }
}
