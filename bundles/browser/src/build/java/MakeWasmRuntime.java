// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * TeaVM's runtime for WebAssembly makes functions from text ({@code new Function}), which a page's policy refuses without
 * {@code 'unsafe-eval'}. While building, this puts functions in their place that do the same: closures, and a table of those
 * few whose text is in the compiled module. A TeaVM that does it differently, or a module with other texts, fails the build.
 */
public final class MakeWasmRuntime {
    /** Functions that the class library of TeaVM has as text: parameter and body, as they are in the module. */
    private static final Map<String, String> BODIES = new LinkedHashMap<>();

    static {
        BODIES.put("return str;", "str");
        BODIES.put("return number;", "number");
        BODIES.put("return buffer;", "buffer");
        BODIES.put("return value;", "value");
        BODIES.put("{return {};}", "");
    }

    /** So many as the widest call of the core that is not once in a while. */
    private static final int ARGUMENTS_MAX = 8;

    /** What looks like statements, among the strings of a module. */
    private static final Pattern STATEMENTS = Pattern.compile(".*[;}]\\s*", Pattern.DOTALL);

    private static final String CALLBACK = "{\n    try {\n        return fn(${%s});\n    } catch (e) {\n        rethrowJavaAsJs(e);\n    }\n};`)";

    private String text;

    private MakeWasmRuntime(String text) {
        this.text = text;
    }

    /** @param arguments the module, and the runtime, which is changed in place */
    public static void main(String[] arguments) throws IOException {
        Path module = Path.of(arguments[0]);
        Path runtime = Path.of(arguments[1]);
        String before = Files.readString(runtime);
        // Built once and not cleaned: it has been done.
        if (before.startsWith("/*!")) return;
        checkBodies(strings(Files.readAllBytes(module)));
        Files.writeString(runtime, new MakeWasmRuntime(before).withoutTexts());
    }

    private String withoutTexts() {
        replace("t=new Function(\"return \"+e+\";\");", "t=()=>courtierGlobal(e);");
        replace("new Function(\"value\",e+\" = value;\")(t)", "globalThis[e]=t");
        replace(
                "return new Function(\"rethrowJavaAsJs\",\"fn\",`return function(${o}) " + CALLBACK.formatted("n.join(\", \")")
                        + "(j,t)",
                "return courtierCallback(j,t,r.length,e,false)",
                "for(let e=0;e<t.length;++e){const a=\"p\"+e;n.push(a);r.push(a)}if(e){const s=r.length-1;r[s]=\"...\"+r[s]}const o=r.join(\", \");",
                "for(let e=0;e<t.length;++e)r.push(e);");
        replace(
                "return new Function(\"constructor\",`return function ${e}(marker, javaObject) {\n    return constructor.call(this, marker, javaObject);\n}\n`)(t)",
                "return courtierConstructor(e,t)");
        replace(
                "new Function(\"rethrowJavaAsJs\",\"fn\",`return function(${s}) " + CALLBACK.formatted("[\"this\",...o].join(\", \")")
                        + "(j,n)",
                "courtierCallback(j,n,a.length,r,true)",
                "for(let e=1;e<n.length;++e){const l=\"p\"+e;o.push(l);a.push(l)}if(r){const c=a.length-1;a[c]=\"...\"+a[c]}const s=a.join(\", \");",
                "for(let e=1;e<n.length;++e)a.push(e);");
        replace(
                "new Function(\"wrapCallFromJavaToJs\",...C,\"body\",`return new Function('wrapCallFromJavaToJs', ${T}).bind(this, wrapCallFromJavaToJs);`).bind(null,k)",
                "courtierBody");
        replace(
                "new Function(\"rethrowJsAsJava\",\"fn\",...C,`try {\n    return fn(${F});\n} catch (e) {\n    rethrowJsAsJava(e);\n}`).bind(null,x)",
                "courtierCall[e]?.(x)??((fn,...p)=>{try{return fn(...p)}catch(e){x(e)}})");
        replace(
                "new Function(\"rethrowJsAsJava\",\"getGlobalName\",\"instance\",\"method\",...C,`try {\n    return instance !== null\n        ? instance[method](${F})\n        : getGlobalName(method)(${F});\n} catch (e) {\n    rethrowJsAsJava(e);\n}`).bind(null,x,D)",
                "courtierInvoke[e]?.(x,D)??((o,m,...p)=>{try{return o!==null?o[m](...p):D(m)(...p)}catch(e){x(e)}})");
        replace(
                "new Function(\"rethrowJsAsJava\",\"constructor\",...C,`try {\n    return new constructor(${F});\n} catch (e) {\n    rethrowJsAsJava(e);\n}`).bind(null,x)",
                "courtierConstruct[e]?.(x)??((c,...p)=>{try{return new c(...p)}catch(e){x(e)}})");
        replace("new Function(...C,\"return [\"+F+\"]\")", "(...p)=>p");
        if (text.contains("new Function") || Pattern.compile("\\beval\\(").matcher(text).find()) {
            throw new IllegalStateException("TeaVM's runtime still makes functions of text: see " + MakeWasmRuntime.class);
        }
        return "/*! TeaVM's runtime (Apache-2.0), changed by Courtier's build: no function is made of text. */\n" + byArguments() + HELPERS + table() + text;
    }

    /** Pairs of what was and what is; each must be there exactly once. */
    private void replace(String... pairs) {
        for (int i = 0; i < pairs.length; i += 2) {
            int at = text.indexOf(pairs[i]);
            if (at < 0 || text.indexOf(pairs[i], at + 1) >= 0) {
                throw new IllegalStateException("TeaVM's runtime is another than the one known here: not once in it: " + pairs[i]);
            }
            text = text.substring(0, at) + pairs[i + 1] + text.substring(at + pairs[i].length());
        }
    }

    /** TeaVM's own constructors hand on two arguments and lose the others; these do not. */
    private static final String HELPERS =
            """
            const courtierGlobal=name=>name.split(".").reduce((from,part)=>from[part],globalThis);
            const courtierCallback=(rethrow,fn,count,varargs,method)=>!varargs&&count in courtierMethod
            ?(method?courtierMethod:courtierFunction)[count](rethrow,fn):function(...p){
            if(varargs)p=[...p.slice(0,count-1),p.slice(count-1)];else p.length=count;
            try{return method?fn(this,...p):fn(...p)}catch(e){rethrow(e)}};
            const courtierConstructor=(name,constructor)=>Object.defineProperty(function(...p){
            return constructor.apply(this,p)},"name",{value:name});
            const courtierBody=(...p)=>{const body=p.pop(),found=courtierBodies.get(p.join()+"\\n"+body);
            if(!found)throw new Error("no function in the table for: "+body);return found};
            """;

    /**
     * TeaVM's runtime makes a function for each number of arguments. One for any number, with an array of them, made each call
     * over the border three times as long, so here are those for few; the others are seldom called.
     */
    private static String byArguments() {
        return byArguments("Call", "x=>(fn%,)=>{try{return fn(%)}catch(e){x(e)}}")
                + byArguments("Invoke", "(x,D)=>(o,m%,)=>{try{return o!==null?o[m](%):D(m)(%)}catch(e){x(e)}}")
                + byArguments("Construct", "x=>(c%,)=>{try{return new c(%)}catch(e){x(e)}}")
                + byArguments("Function", "(x,fn)=>function(%){try{return fn(%)}catch(e){x(e)}}")
                + byArguments("Method", "(x,fn)=>function(%){try{return fn(this%,)}catch(e){x(e)}}");
    }

    /** @param function {@code %} stands for the arguments, {@code %,} for the arguments behind others */
    private static String byArguments(String name, String function) {
        StringBuilder functions = new StringBuilder("const courtier" + name + "=[\n");
        String arguments = "";
        for (int i = 0; i <= ARGUMENTS_MAX; i++) {
            String behind = i == 0 ? "" : "," + arguments;
            functions.append(function.replace("%,", behind).replace("%", arguments)).append(",\n");
            arguments += (i == 0 ? "" : ",") + "p" + i;
        }
        return functions.append("];\n").toString();
    }

    private static String table() {
        StringBuilder table = new StringBuilder("const courtierBodies=new Map([\n");
        BODIES.forEach((body, parameters) -> table.append("[\"")
                .append(parameters)
                .append("\\n")
                .append(body)
                .append("\",(")
                .append(parameters)
                .append(")=>{")
                .append(body)
                .append("}],\n"));
        return table.append("]);\n").toString();
    }

    private static void checkBodies(List<String> strings) {
        Set<String> found = new TreeSet<>();
        for (String each : strings) if (STATEMENTS.matcher(each).matches()) found.add(each);
        if (!found.equals(new TreeSet<>(BODIES.keySet()))) {
            throw new IllegalStateException("the module makes other functions of text than the table has: " + found
                    + " instead of " + BODIES.keySet());
        }
    }

    /** The strings of a module of TeaVM's: its one data segment has them, each with its length before it. */
    private static List<String> strings(byte[] module) {
        int[] at = {8};
        while (at[0] < module.length) {
            int section = module[at[0]++];
            int length = number(module, at);
            int end = at[0] + length;
            if (section != 11) {
                at[0] = end;
                continue;
            }
            if (number(module, at) != 1 || number(module, at) != 0) break;
            // i32.const, its number, end; then the bytes.
            at[0]++;
            number(module, at);
            at[0]++;
            int to = number(module, at) + at[0];
            List<String> all = new ArrayList<>();
            while (at[0] < to) {
                int bytes = number(module, at);
                all.add(new String(module, at[0], bytes, StandardCharsets.UTF_8));
                at[0] += bytes;
            }
            return all;
        }
        throw new IllegalStateException("the module has no strings where they are looked for");
    }

    private static int number(byte[] module, int[] at) {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = module[at[0]++];
            value |= (b & 0x7F) << shift;
            if (b >= 0) return value;
        }
    }
}
