/** As OCA's repositories; dev/tool tells where the plugin is. */
module.exports = {
    plugins: [require.resolve("@prettier/plugin-xml")],
    bracketSpacing: false,
    printWidth: 88,
    proseWrap: "always",
    trailingComma: "es5",
    xmlWhitespaceSensitivity: "preserve",
    overrides: [{files: ["*.js", "*.cjs", "*.xml", "*.scss"], options: {tabWidth: 4}}],
};
