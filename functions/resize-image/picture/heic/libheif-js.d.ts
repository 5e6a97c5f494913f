/** libheif's C interface as compiled to WebAssembly: pointers and sizes are numbers, results of type `heif_error` come first. */
declare module 'libheif-js/wasm-bundle.js' {
  interface Libheif {
    readonly HEAPU8: Uint8Array;
    _malloc(size: number): number;
    _free(pointer: number): void;
    _heif_context_alloc(): number;
    _heif_context_set_maximum_image_size_limit(context: number, sidePixels: number): void;
    _heif_context_read_from_memory(
      error: number,
      context: number,
      bytes: number,
      size: number,
      options: number,
    ): void;
    _heif_context_get_primary_image_handle(error: number, context: number, outHandle: number): void;
    _heif_image_handle_get_width(handle: number): number;
    _heif_image_handle_get_height(handle: number): number;
    _heif_image_handle_has_alpha_channel(handle: number): number;
    _heif_image_handle_get_raw_color_profile_size(handle: number): number;
    _heif_image_handle_get_raw_color_profile(error: number, handle: number, outProfile: number): void;
    _heif_decoding_options_alloc(): number;
    _heif_decode_image(
      error: number,
      handle: number,
      outImage: number,
      colorSpace: number,
      chroma: number,
      options: number,
    ): void;
    _heif_image_get_decoding_warnings(image: number, first: number, outWarnings: number, max: number): number;
    _heif_image_get_plane_readonly(image: number, channel: number, outStride: number): number;
    _heif_image_get_width(image: number, channel: number): number;
    _heif_image_get_height(image: number, channel: number): number;
  }
  const libheif: Libheif;

  export type { Libheif };
  export default libheif;
}
