"""Random, mostly invalid HTML for property-based tests."""

from hypothesis import strategies as st

_pieces = st.sampled_from(
    """<a href="https://x.com/1"> <a|href=https://x.com/2| <A|HREF='https://x.com/3'
    </a> > < " ' = <!-- --> -- <p| <script> </script> <style &amp; &copy text <body>
    </body> / <td|a=b> é <table> </table> <tr> <td> </td> <p> </p> <b> </b> <map>
    <area|href=https://x.com/4> <!--[if|mso]> <![endif]--> <v:rect|href='https://x.com/5'>
    <![if|!mso]> <select> </select> <title> </title> </html>""".replace(
        "|", "\t"
    ).split()
    + [" ", "\n", "\u00a0", "<!--[if mso]>"]
)
pages = st.lists(_pieces, max_size=40).map("".join)
