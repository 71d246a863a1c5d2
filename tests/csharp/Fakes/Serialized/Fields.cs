using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityFakes
{
    /// <summary>
    /// Writes and reads the fields that Unity serializes: public ones, those with SerializeField, and those of fakes.
    /// </summary>
    internal static class Fields
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly;

        internal static void Write(BinaryWriter writer, object holder, Func<Object, int> refer)
        {
            foreach (FieldInfo field in GetFields(holder.GetType()))
            {
                WriteValue(writer, field.FieldType, field.GetValue(holder), refer);
            }
        }

        internal static void Read(BinaryReader reader, object holder, Func<int, Object> resolve)
        {
            foreach (FieldInfo field in GetFields(holder.GetType()))
            {
                field.SetValue(holder, ReadValue(reader, field.FieldType, resolve));
            }
        }

        /// <summary>Returns the values of the serialized fields, which undo restores.</summary>
        internal static object[] Capture(object holder) =>
            GetFields(holder.GetType()).Select(field => field.GetValue(holder)).ToArray();

        internal static void Restore(object holder, object state)
        {
            object[] values = (object[])state;
            int at = 0;
            foreach (FieldInfo field in GetFields(holder.GetType())) { field.SetValue(holder, values[at++]); }
        }

        /// <summary>
        /// Returns a state in which only the values that differ between two others are changed from the one to the other.
        /// </summary>
        internal static object Change(object present, object from, object to) => ((object[])present).Zip(
            ((object[])from).Zip((object[])to, (a, b) => (a, b)), (now, both) => Equals(both.a, both.b) ? now : both.b).ToArray();

        internal static bool AreSame(object a, object b) => ((object[])a).SequenceEqual((object[])b);

        static IEnumerable<FieldInfo> GetFields(Type type)
        {
            List<FieldInfo> found = new List<FieldInfo>();
            for (; type != typeof(object) && type != typeof(Component); type = type.BaseType)
            {
                found.AddRange(type.GetFields(Own)
                    .Where(field => field.IsPublic || field.GetCustomAttribute<SerializeField>() != null)
                    .OrderBy(field => field.Name, StringComparer.Ordinal));
            }
            return found;
        }

        static void WriteValue(BinaryWriter writer, Type type, object value, Func<Object, int> refer)
        {
            if (type == typeof(string)) { writer.Write((string)value ?? ""); }
            else if (type == typeof(long)) { writer.Write((long)value); }
            else if (type == typeof(int)) { writer.Write((int)value); }
            else if (type == typeof(bool)) { writer.Write((bool)value); }
            else if (type == typeof(float)) { writer.Write((float)value); }
            else if (type.IsEnum) { writer.Write(Convert.ToInt32(value)); }
            else if (typeof(Object).IsAssignableFrom(type)) { writer.Write(refer((Object)value)); }
            else if (FindElementType(type) is Type element)
            {
                IList list = (IList)value;
                writer.Write(list.Count);
                foreach (object item in list) { WriteValue(writer, element, item, refer); }
            }
            else { Write(writer, value, refer); }
        }

        static object ReadValue(BinaryReader reader, Type type, Func<int, Object> resolve)
        {
            if (type == typeof(string)) { return reader.ReadString(); }
            if (type == typeof(long)) { return reader.ReadInt64(); }
            if (type == typeof(int)) { return reader.ReadInt32(); }
            if (type == typeof(bool)) { return reader.ReadBoolean(); }
            if (type == typeof(float)) { return reader.ReadSingle(); }
            if (type.IsEnum) { return Enum.ToObject(type, reader.ReadInt32()); }
            if (typeof(Object).IsAssignableFrom(type))
            {
                Object found = resolve(reader.ReadInt32());
                return type == typeof(Transform) && found is GameObject item ? item.transform : found;
            }
            if (FindElementType(type) is Type element)
            {
                Array items = Array.CreateInstance(element, reader.ReadInt32());
                for (int i = 0; i < items.Length; i++) { items.SetValue(ReadValue(reader, element, resolve), i); }
                return type.IsArray ? (object)items : Activator.CreateInstance(type, items);
            }
            object made = Activator.CreateInstance(type);
            Read(reader, made, resolve);
            return made;
        }

        static Type FindElementType(Type type)
        {
            if (type.IsArray) { return type.GetElementType(); }
            return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>)
                ? type.GetGenericArguments()[0] : null;
        }
    }
}
