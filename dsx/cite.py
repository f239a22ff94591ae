"""The papers behind the measures, and their BibTeX."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dsx import errors


@dataclass(frozen=True, slots=True)
class Paper:
    """A source paper. `authors` are "Family, Given" in order; `venue` as one would cite it."""

    key: str
    title: str
    authors: tuple[str, ...]
    venue: str
    year: int
    url: str
    kind: str = "inproceedings"

    @property
    def short(self) -> str:
        """ "Swayamdipta 2020"."""
        return f"{self.authors[0].partition(',')[0]} {self.year}"

    def bibtex(self) -> str:
        """One BibTeX entry."""
        where = {"article": "journal", "book": "publisher"}.get(self.kind, "booktitle")
        lines = [
            f"@{self.kind}{{{self.key},",
            f"  title = {{{{{self.title}}}}},",
            f"  author = {{{' and '.join(self.authors)}}},",
            f"  {where} = {{{self.venue}}},",
            f"  year = {{{self.year}}},",
            f"  url = {{{self.url}}},",
            "}",
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        names = [name.partition(",")[0] for name in self.authors]
        who = names[0] if len(names) == 1 else f"{names[0]} et al."
        who = " and ".join(names) if len(names) == 2 else who
        return f"{who} ({self.year}). {self.title}. {self.venue}."


class Bibtex(str):
    """BibTeX that a notebook shows as it is written, line by line."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def bibtex(keys: Iterable[str]) -> Bibtex:
    """BibTeX of papers by key, each once. Raises InputError for a key that is not known."""
    entries = []
    for key in dict.fromkeys(keys):
        if key not in PAPERS:
            raise errors.bad_value(
                "paper", "a key of dsx.cite.PAPERS", key, errors.offer(key, PAPERS)
            )
        entries.append(PAPERS[key].bibtex())
    return Bibtex("\n\n".join(entries))


PAPERS: dict[str, Paper] = {
    paper.key: paper
    for paper in (
        Paper(
            "swayamdipta2020cartography",
            "Dataset Cartography: Mapping and Diagnosing Datasets with Training Dynamics",
            (
                "Swayamdipta, Swabha", "Schwartz, Roy", "Lourie, Nicholas", "Wang, Yizhong",
                "Hajishirzi, Hannaneh", "Smith, Noah A.", "Choi, Yejin",
            ),
            "Proceedings of the 2020 Conference on Empirical Methods in Natural Language "
            "Processing (EMNLP)",
            2020,
            "https://aclanthology.org/2020.emnlp-main.746",
        ),
        Paper(
            "toneva2019forgetting",
            "An Empirical Study of Example Forgetting during Deep Neural Network Learning",
            (
                "Toneva, Mariya", "Sordoni, Alessandro", "Tachet des Combes, Remi",
                "Trischler, Adam", "Bengio, Yoshua", "Gordon, Geoffrey J.",
            ),
            "International Conference on Learning Representations (ICLR)",
            2019,
            "https://openreview.net/forum?id=BJlxm30cKm",
        ),
        Paper(
            "pleiss2020aum",
            "Identifying Mislabeled Data using the Area Under the Margin Ranking",
            ("Pleiss, Geoff", "Zhang, Tianyi", "Elenberg, Ethan R.", "Weinberger, Kilian Q."),
            "Advances in Neural Information Processing Systems (NeurIPS) 33",
            2020,
            "https://arxiv.org/abs/2001.10528",
        ),
        Paper(
            "paul2021datadiet",
            "Deep Learning on a Data Diet: Finding Important Examples Early in Training",
            ("Paul, Mansheej", "Ganguli, Surya", "Dziugaite, Gintare Karolina"),
            "Advances in Neural Information Processing Systems (NeurIPS) 34",
            2021,
            "https://arxiv.org/abs/2107.07075",
        ),
        Paper(
            "ethayarajh2022usable",
            "Understanding Dataset Difficulty with V-Usable Information",
            ("Ethayarajh, Kawin", "Choi, Yejin", "Swayamdipta, Swabha"),
            "Proceedings of the 39th International Conference on Machine Learning (ICML)",
            2022,
            "https://proceedings.mlr.press/v162/ethayarajh22a.html",
        ),
        Paper(
            "hacohen2020agree",
            "Let's Agree to Agree: Neural Networks Share Classification Order on Real Datasets",
            ("Hacohen, Guy", "Choshen, Leshem", "Weinshall, Daphna"),
            "Proceedings of the 37th International Conference on Machine Learning (ICML)",
            2020,
            "https://arxiv.org/abs/1905.10854",
        ),
        Paper(
            "kendall1945ties",
            "The Treatment of Ties in Ranking Problems",
            ("Kendall, Maurice G.",),
            "Biometrika 33(3), 239-251",
            1945,
            "https://doi.org/10.1093/biomet/33.3.239",
            "article",
        ),
        Paper(
            "efron1979bootstrap",
            "Bootstrap Methods: Another Look at the Jackknife",
            ("Efron, Bradley",),
            "The Annals of Statistics 7(1), 1-26",
            1979,
            "https://doi.org/10.1214/aos/1176344552",
            "article",
        ),
        Paper(
            "wilson1927inference",
            "Probable Inference, the Law of Succession, and Statistical Inference",
            ("Wilson, Edwin B.",),
            "Journal of the American Statistical Association 22(158), 209-212",
            1927,
            "https://doi.org/10.1080/01621459.1927.10502953",
            "article",
        ),
        Paper(
            "benjamini1995fdr",
            "Controlling the False Discovery Rate: A Practical and Powerful Approach to Multiple "
            "Testing",
            ("Benjamini, Yoav", "Hochberg, Yosef"),
            "Journal of the Royal Statistical Society, Series B 57(1), 289-300",
            1995,
            "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x",
            "article",
        ),
        Paper(
            "benjamini2001dependency",
            "The Control of the False Discovery Rate in Multiple Testing under Dependency",
            ("Benjamini, Yoav", "Yekutieli, Daniel"),
            "The Annals of Statistics 29(4), 1165-1188",
            2001,
            "https://doi.org/10.1214/aos/1013699998",
            "article",
        ),
        Paper(
            "mcnemar1947note",
            "Note on the Sampling Error of the Difference between Correlated Proportions or "
            "Percentages",
            ("McNemar, Quinn",),
            "Psychometrika 12(2), 153-157",
            1947,
            "https://doi.org/10.1007/BF02295996",
            "article",
        ),
        Paper(
            "phipson2010permutation",
            "Permutation P-values Should Never Be Zero: Calculating Exact P-values When "
            "Permutations Are Randomly Drawn",
            ("Phipson, Belinda", "Smyth, Gordon K."),
            "Statistical Applications in Genetics and Molecular Biology 9(1), Article 39",
            2010,
            "https://doi.org/10.2202/1544-6115.1585",
            "article",
        ),
        Paper(
            "hartigan1969typical",
            "Using Subsample Values as Typical Values",
            ("Hartigan, John A.",),
            "Journal of the American Statistical Association 64(328), 1303-1317",
            1969,
            "https://www.tandfonline.com/toc/uasa20/64/328",
            "article",
        ),
        Paper(
            "bonett2012adjusted",
            "Adjusted Wald Confidence Interval for a Difference of Binomial Proportions Based on "
            "Paired Data",
            ("Bonett, Douglas G.", "Price, Robert M."),
            "Journal of Educational and Behavioral Statistics 37(4), 479-488",
            2012,
            "https://doi.org/10.3102/1076998611411915",
            "article",
        ),
        Paper(
            "pearson1901lines",
            "On Lines and Planes of Closest Fit to Systems of Points in Space",
            ("Pearson, Karl",),
            "The London, Edinburgh, and Dublin Philosophical Magazine and Journal of Science "
            "2(11), 559-572",
            1901,
            "https://doi.org/10.1080/14786440109462720",
            "article",
        ),
        Paper(
            "mcinnes2018umap",
            "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction",
            ("McInnes, Leland", "Healy, John", "Melville, James"),
            "arXiv:1802.03426",
            2018,
            "https://arxiv.org/abs/1802.03426",
            "article",
        ),
        Paper(
            "venna2001neighborhood",
            "Neighborhood Preservation in Nonlinear Projection Methods: An Experimental Study",
            ("Venna, Jarkko", "Kaski, Samuel"),
            "Artificial Neural Networks - ICANN 2001, Lecture Notes in Computer Science 2130, "
            "485-491",
            2001,
            "https://doi.org/10.1007/3-540-44668-0_68",
        ),
        Paper(
            "johnson2019faiss",
            "Billion-Scale Similarity Search with GPUs",
            ("Johnson, Jeff", "Douze, Matthijs", "Jégou, Hervé"),
            "IEEE Transactions on Big Data 7(3), 535-547",
            2019,
            "https://doi.org/10.1109/TBDATA.2019.2921572",
            "article",
        ),
        Paper(
            "jaccard1912flora",
            "The Distribution of the Flora in the Alpine Zone",
            ("Jaccard, Paul",),
            "New Phytologist 11(2), 37-50",
            1912,
            "https://doi.org/10.1111/j.1469-8137.1912.tb05611.x",
            "article",
        ),
        Paper(
            "campello2013density",
            "Density-Based Clustering Based on Hierarchical Density Estimates",
            ("Campello, Ricardo J. G. B.", "Moulavi, Davoud", "Sander, Jörg"),
            "Advances in Knowledge Discovery and Data Mining (PAKDD), 160-172",
            2013,
            "https://doi.org/10.1007/978-3-642-37456-2_14",
        ),
        Paper(
            "mcinnes2017hdbscan",
            "hdbscan: Hierarchical Density Based Clustering",
            ("McInnes, Leland", "Healy, John", "Astels, Steve"),
            "Journal of Open Source Software 2(11), 205",
            2017,
            "https://doi.org/10.21105/joss.00205",
            "article",
        ),
        Paper(
            "grootendorst2022bertopic",
            "BERTopic: Neural Topic Modeling with a Class-Based TF-IDF Procedure",
            ("Grootendorst, Maarten",),
            "arXiv:2203.05794",
            2022,
            "https://arxiv.org/abs/2203.05794",
            "article",
        ),
        Paper(
            "broder1997resemblance",
            "On the Resemblance and Containment of Documents",
            ("Broder, Andrei Z.",),
            "Proceedings of Compression and Complexity of Sequences, 21-29",
            1997,
            "https://doi.org/10.1109/SEQUEN.1997.666900",
        ),
        Paper(
            "lee2022deduplicating",
            "Deduplicating Training Data Makes Language Models Better",
            (
                "Lee, Katherine", "Ippolito, Daphne", "Nystrom, Andrew", "Zhang, Chiyuan",
                "Eck, Douglas", "Callison-Burch, Chris", "Carlini, Nicholas",
            ),
            "Proceedings of the 60th Annual Meeting of the Association for Computational "
            "Linguistics (ACL), 8424-8445",
            2022,
            "https://doi.org/10.18653/v1/2022.acl-long.577",
        ),
        Paper(
            "ramaswamy2000outliers",
            "Efficient Algorithms for Mining Outliers from Large Data Sets",
            ("Ramaswamy, Sridhar", "Rastogi, Rajeev", "Shim, Kyuseok"),
            "Proceedings of the 2000 ACM SIGMOD International Conference on Management of Data, "
            "427-438",
            2000,
            "https://doi.org/10.1145/342009.335437",
        ),
        Paper(
            "angiulli2002outlier",
            "Fast Outlier Detection in High Dimensional Spaces",
            ("Angiulli, Fabrizio", "Pizzuti, Clara"),
            "Principles of Data Mining and Knowledge Discovery (PKDD), 15-27",
            2002,
            "https://doi.org/10.1007/3-540-45681-3_2",
        ),
        Paper(
            "breunig2000lof",
            "LOF: Identifying Density-Based Local Outliers",
            ("Breunig, Markus M.", "Kriegel, Hans-Peter", "Ng, Raymond T.", "Sander, Jörg"),
            "Proceedings of the 2000 ACM SIGMOD International Conference on Management of Data, "
            "93-104",
            2000,
            "https://doi.org/10.1145/342009.335388",
        ),
        Paper(
            "nemhauser1978submodular",
            "An Analysis of Approximations for Maximizing Submodular Set Functions I",
            ("Nemhauser, George L.", "Wolsey, Laurence A.", "Fisher, Marshall L."),
            "Mathematical Programming 14, 265-294",
            1978,
            "https://doi.org/10.1007/BF01588971",
            "article",
        ),
        Paper(
            "monroe2008fightin",
            "Fightin' Words: Lexical Feature Selection and Evaluation for Identifying the Content "
            "of Political Conflict",
            ("Monroe, Burt L.", "Colaresi, Michael P.", "Quinn, Kevin M."),
            "Political Analysis 16(4), 372-403",
            2008,
            "https://doi.org/10.1093/pan/mpn018",
            "article",
        ),
        Paper(
            "rao1992clustered",
            "A Simple Method for the Analysis of Clustered Binary Data",
            ("Rao, J. N. K.", "Scott, A. J."),
            "Biometrics 48(2), 577-585",
            1992,
            "https://doi.org/10.2307/2532311",
            "article",
        ),
        Paper(
            "reimers2019sentence",
            "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
            ("Reimers, Nils", "Gurevych, Iryna"),
            "Proceedings of the 2019 Conference on Empirical Methods in Natural Language "
            "Processing and the 9th International Joint Conference on Natural Language Processing "
            "(EMNLP-IJCNLP)",
            2019,
            "https://aclanthology.org/D19-1410",
        ),
        Paper(
            "wang2020minilm",
            "MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of "
            "Pre-Trained Transformers",
            (
                "Wang, Wenhui", "Wei, Furu", "Dong, Li", "Bao, Hangbo", "Yang, Nan", "Zhou, Ming",
            ),
            "Advances in Neural Information Processing Systems (NeurIPS) 33",
            2020,
            "https://arxiv.org/abs/2002.10957",
        ),
        Paper(
            "deerwester1990indexing",
            "Indexing by Latent Semantic Analysis",
            (
                "Deerwester, Scott", "Dumais, Susan T.", "Furnas, George W.",
                "Landauer, Thomas K.", "Harshman, Richard",
            ),
            "Journal of the American Society for Information Science 41(6), 391-407",
            1990,
            "https://doi.org/10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9",
            "article",
        ),
        Paper(
            "halko2011randomness",
            "Finding Structure with Randomness: Probabilistic Algorithms for Constructing "
            "Approximate Matrix Decompositions",
            ("Halko, Nathan", "Martinsson, Per-Gunnar", "Tropp, Joel A."),
            "SIAM Review 53(2), 217-288",
            2011,
            "https://doi.org/10.1137/090771806",
            "article",
        ),
        Paper(
            "radford2021clip",
            "Learning Transferable Visual Models From Natural Language Supervision",
            (
                "Radford, Alec", "Kim, Jong Wook", "Hallacy, Chris", "Ramesh, Aditya",
                "Goh, Gabriel", "Agarwal, Sandhini", "Sastry, Girish", "Askell, Amanda",
                "Mishkin, Pamela", "Clark, Jack", "Krueger, Gretchen", "Sutskever, Ilya",
            ),
            "Proceedings of the 38th International Conference on Machine Learning (ICML)",
            2021,
            "https://proceedings.mlr.press/v139/radford21a.html",
        ),
    )
}  # fmt: skip
