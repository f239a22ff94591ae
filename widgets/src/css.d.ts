// The bundler turns a style sheet into its text (build.mjs).
declare module "*.css" {
  const text: string;
  export default text;
}
